select id, shop_id, amount, state from {{ source('lake', 'raw_sales') }}
