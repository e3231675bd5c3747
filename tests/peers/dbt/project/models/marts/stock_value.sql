-- cannot run: the column is missing
select id, price_that_nobody_loads * 2 as value from {{ source('lake', 'raw_stock') }}
