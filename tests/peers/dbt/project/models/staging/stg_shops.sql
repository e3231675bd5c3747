select id, name from {{ source('lake', 'raw_shops') }}
