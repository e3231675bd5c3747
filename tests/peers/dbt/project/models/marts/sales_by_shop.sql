{{ config(tags=['tier:1'], meta={'owner': 'Shop Data', 'domain': 'sales'}) }}
select shops.name, sum(sales.amount) as amount
from {{ ref('stg_sales') }} as sales
join {{ ref('stg_shops') }} as shops on shops.id = sales.shop_id
group by 1
