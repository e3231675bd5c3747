select count(*) as items from {{ ref('stock_value') }}
