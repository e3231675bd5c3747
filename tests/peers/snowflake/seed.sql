-- The ACCOUNT_USAGE views as tables, with the columns that Snowflake documents and Tierline reads.
CREATE TABLE warehouse_metering_history (start_time TIMESTAMP_LTZ, warehouse_name VARCHAR, credits_used_compute NUMBER(38,9), credits_used_cloud_services NUMBER(38,9), credits_attributed_compute_queries NUMBER(38,9));
INSERT INTO warehouse_metering_history VALUES
  ('2026-11-19T22:00:00Z', 'ELT_WH', 1.5, 0.1, 0.9), ('2026-11-19T23:00:00Z', 'ELT_WH', 0.5, 0.02, 0.1),
  ('2026-11-20T00:00:00Z', 'ELT_WH', 1, 0.25, 0.75), ('2026-11-20T05:00:00Z', 'ADAPTIVE', 2, 0, NULL),
  ('2026-11-18T23:00:00Z', 'ELT_WH', 9, 9, 9);
CREATE TABLE metering_daily_history (service_type VARCHAR, usage_date DATE, credits_billed NUMBER(38,9), credits_adjustment_cloud_services NUMBER(38,9));
INSERT INTO metering_daily_history VALUES
  ('WAREHOUSE_METERING', '2026-11-19', 2.07, -0.05), ('SERVERLESS_TASK', '2026-11-19', 0.4, 0),
  ('PIPE', '2026-11-19', 0, 0), ('WAREHOUSE_METERING', '2026-11-18', 18, -1);
CREATE TABLE storage_usage (usage_date DATE, storage_bytes NUMBER, stage_bytes NUMBER, failsafe_bytes NUMBER);
INSERT INTO storage_usage VALUES ('2026-11-19', 3298534883328, 1099511627776, 0);
CREATE TABLE table_storage_metrics (table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, active_bytes NUMBER, time_travel_bytes NUMBER, failsafe_bytes NUMBER, retained_for_clone_bytes NUMBER, deleted BOOLEAN);
INSERT INTO table_storage_metrics VALUES
  ('SHOP', 'CORE', 'ORDERS', 100, 20, 3, 0, FALSE), ('SHOP', 'CORE', 'ORDERS', 0, 0, 7, 0, FALSE),
  ('SHOP', 'CORE', 'ORDERS', 999, 0, 0, 0, TRUE);
CREATE TABLE query_history (query_id VARCHAR, query_type VARCHAR, query_tag VARCHAR, warehouse_name VARCHAR, warehouse_size VARCHAR, role_name VARCHAR, user_name VARCHAR, execution_status VARCHAR, end_time TIMESTAMP_LTZ, total_elapsed_time NUMBER, bytes_scanned NUMBER, rows_inserted NUMBER, rows_updated NUMBER, rows_deleted NUMBER, is_client_generated_statement BOOLEAN);
INSERT INTO query_history VALUES
  ('q1', 'SELECT', 'board_sales', 'BI_WH', 'X-Small', 'BI', 'ANN', 'SUCCESS', '2026-11-19T08:00:00Z', 1000, 500, 0, 0, 0, FALSE),
  ('q2', 'SELECT', 'Board_churn', 'BI_WH', 'X-Small', 'BI', 'ANN', 'SUCCESS', '2026-11-19T09:00:00Z', 1500, 700, 0, 0, 0, FALSE),
  ('q3', 'SELECT', 'board_sales', 'BI_WH', NULL, 'BI', 'ANN', 'SUCCESS', '2026-11-19T10:00:00Z', 0, 0, 0, 0, 0, FALSE),
  ('q4', 'UNKNOWN', 'board_sales', 'BI_WH', NULL, 'BI', 'ANN', 'FAIL', '2026-11-19T11:00:00Z', 200, NULL, 0, 0, 0, NULL),
  ('q5', 'SELECT', 'boards', 'BI_WH', 'X-Small', 'BI', 'ANN', 'SUCCESS', '2026-11-19T12:00:00Z', 10000, 1, 0, 0, 0, FALSE),
  ('q6', 'USE', '', 'BI_WH', NULL, 'BI', 'ANN', 'SUCCESS', '2026-11-19T12:00:00Z', 5, 0, 0, 0, 0, FALSE),
  ('q7', 'SELECT', 'tierline/queries', 'BI_WH', 'X-Small', 'BI', 'ANN', 'SUCCESS', '2026-11-19T12:00:00Z', 5000, 9, 0, 0, 0, FALSE),
  ('q8', 'SELECT', '', 'BI_WH', 'X-Small', 'BI', 'ANN', 'SUCCESS', '2026-11-19T12:00:00Z', 5000, 9, 0, 0, 0, TRUE),
  ('w1', 'MERGE', '', 'ELT_WH', 'X-Small', 'ELT', 'BOT', 'SUCCESS', '2026-11-19T06:01:00Z', 60000, 4000, 5, 0, 0, FALSE),
  ('w2', 'MERGE', '', 'ELT_WH', 'X-Small', 'ELT', 'BOT', 'SUCCESS', '2026-11-19T06:04:30Z', 60000, 4000, NULL, 2, NULL, FALSE),
  ('w3', 'MERGE', '', 'ELT_WH', 'X-Small', 'ELT', 'BOT', 'SUCCESS', '2026-11-19T06:06:00Z', 60000, 4000, 0, 0, 0, FALSE);
CREATE TABLE query_attribution_history (start_time TIMESTAMP_LTZ, query_tag VARCHAR, credits_attributed_compute NUMBER(38,9));
INSERT INTO query_attribution_history VALUES
  ('2026-11-10T00:00:00Z', 'tierline/queries', 0.004), ('2026-11-11T00:00:00Z', 'tierline/tables', 0.006),
  ('2026-11-11T00:00:00Z', 'tierliner', 5), ('2026-09-11T00:00:00Z', 'tierline/tables', 7);
CREATE TABLE tables (table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, table_type VARCHAR, comment VARCHAR, last_altered TIMESTAMP_LTZ, deleted TIMESTAMP_LTZ);
INSERT INTO tables VALUES
  ('SHOP', 'CORE', 'ORDERS', 'BASE TABLE', 'All orders', '2026-11-20T04:00:00Z', NULL),
  ('SHOP', 'CORE', 'Mixed Case', 'BASE TABLE', NULL, '2026-11-20T04:00:00Z', NULL),
  ('SHOP', 'RAW', 'EVENTS', 'VIEW', NULL, '2026-11-20T04:00:00Z', NULL),
  ('SHOP', 'CORE', 'OLD', 'BASE TABLE', NULL, '2026-11-01T04:00:00Z', '2026-11-02T04:00:00Z'),
  ('SNOWFLAKE', 'ACCOUNT_USAGE', 'TABLES', 'VIEW', NULL, NULL, NULL);
CREATE TABLE tag_references (tag_name VARCHAR, tag_value VARCHAR, domain VARCHAR, object_database VARCHAR, object_schema VARCHAR, object_name VARCHAR, column_name VARCHAR, object_deleted TIMESTAMP_LTZ);
INSERT INTO tag_references VALUES
  ('DATA_TIER', 'tier-2', 'DATABASE', NULL, NULL, 'SHOP', NULL, NULL), ('DATA_TIER', '0', 'TABLE', 'SHOP', 'CORE', 'ORDERS', NULL, NULL),
  ('TEAM', 'commerce', 'SCHEMA', 'SHOP', NULL, 'CORE', NULL, NULL), ('TEAM', 'gone', 'TABLE', 'SHOP', 'CORE', 'ORDERS', NULL, '2026-11-01T00:00:00Z'),
  ('PII', 'email', 'COLUMN', 'SHOP', 'CORE', 'ORDERS', 'MAIL', NULL);
CREATE TABLE table_dml_history (start_time TIMESTAMP_LTZ, end_time TIMESTAMP_LTZ, database_name VARCHAR, schema_name VARCHAR, table_name VARCHAR, rows_added NUMBER, rows_removed NUMBER, rows_updated NUMBER);
INSERT INTO table_dml_history VALUES
  ('2026-11-19T06:00:00Z', '2026-11-19T07:00:00Z', 'SHOP', 'CORE', 'ORDERS', 5, 0, 2), ('2026-11-19T06:00:00Z', '2026-11-19T07:00:00Z', 'SHOP', 'CORE', 'Mixed Case', 0, 0, 0),
  ('2026-11-19T07:00:00Z', '2026-11-19T08:00:00Z', 'SHOP', 'CORE', 'Mixed Case', 0, 1, 0);
CREATE TABLE access_history (query_id VARCHAR, query_start_time TIMESTAMP_LTZ, direct_objects_accessed VARIANT, objects_modified VARIANT);
INSERT INTO access_history SELECT 'w1', '2026-11-19T06:00:00Z'::TIMESTAMP_LTZ, PARSE_JSON('[{"objectName":"SHOP.RAW.EVENTS","objectDomain":"View"},{"objectName":"SHOP.RAW.STAGE","objectDomain":"Stage"}]'), PARSE_JSON('[{"objectName":"SHOP.CORE.ORDERS","objectDomain":"Table"}]');
INSERT INTO access_history SELECT 'w2', '2026-11-19T06:03:00Z'::TIMESTAMP_LTZ, PARSE_JSON('[{"objectName":"SHOP.CORE.ORDERS","objectDomain":"Table"}]'), PARSE_JSON('[{"objectName":"SHOP.CORE.ORDERS","objectDomain":"Table"},{"objectName":"SHOP.CORE.\\"Mixed Case\\"","objectDomain":"Table"}]');
INSERT INTO access_history SELECT 'w3', '2026-11-19T06:05:00Z'::TIMESTAMP_LTZ, PARSE_JSON('[]'), PARSE_JSON('[{"objectName":"SHOP.CORE.ORDERS","objectDomain":"Table"}]');
CREATE TABLE task_history (name VARCHAR, database_name VARCHAR, schema_name VARCHAR, scheduled_time TIMESTAMP_LTZ, query_start_time TIMESTAMP_LTZ, completed_time TIMESTAMP_LTZ, state VARCHAR, root_task_id VARCHAR, graph_run_group_id NUMBER, attempt_number NUMBER, scheduled_from VARCHAR);
INSERT INTO task_history VALUES
  ('NIGHTLY', 'SHOP', 'CORE', '2026-11-19T02:00:00Z', '2026-11-19T02:00:01Z', '2026-11-19T02:05:00Z', 'SUCCEEDED', 'r1', 71, 1, 'SCHEDULE'),
  ('MARTS', 'SHOP', 'CORE', '2026-11-19T02:05:00Z', '2026-11-19T02:05:01Z', '2026-11-19T02:09:00Z', 'FAILED', 'r1', 71, 1, 'SCHEDULE'),
  ('MARTS', 'SHOP', 'CORE', '2026-11-19T02:20:00Z', '2026-11-19T02:20:01Z', '2026-11-19T02:25:00Z', 'SUCCEEDED', 'r1', 71, 2, 'AUTOMATIC RETRY'),
  ('NIGHTLY', 'SHOP', 'CORE', '2026-11-20T02:00:00Z', '2026-11-20T02:00:01Z', '2026-11-20T02:05:00Z', 'SUCCEEDED', 'r1', 72, 1, 'SCHEDULE'),
  ('MARTS', 'SHOP', 'CORE', '2026-11-20T02:05:00Z', '2026-11-20T02:05:01Z', '2026-11-20T02:09:00Z', 'FAILED_AND_AUTO_SUSPENDED', 'r1', 72, 1, 'SCHEDULE'),
  ('ON_DATA', 'SHOP', 'CORE', '2026-11-20T03:00:00Z', NULL, '2026-11-20T03:00:02Z', 'SKIPPED', 'r2', 73, 1, 'TRIGGER');
CREATE TABLE shown (name VARCHAR, database_name VARCHAR, schema_name VARCHAR, schedule VARCHAR, predecessors VARCHAR, state VARCHAR, comment VARCHAR);
INSERT INTO shown VALUES
  ('NIGHTLY', 'SHOP', 'CORE', 'USING CRON 0 3 * * * Europe/Berlin', '[]', 'started', 'The nightly load'),
  ('MARTS', 'SHOP', 'CORE', NULL, '["SHOP.CORE.NIGHTLY"]', 'started', NULL), ('ON_DATA', 'SHOP', 'CORE', '60 MINUTE', '[]', 'suspended', NULL);
CREATE DATABASE shop;
CREATE SCHEMA shop.core;
CREATE TABLE shop.core.orders (loaded_at TIMESTAMP_NTZ, day DATE, "Sent" TIMESTAMP_LTZ, name VARCHAR);
INSERT INTO shop.core.orders VALUES ('2026-11-20 05:30:00.25', '2026-11-19', '2026-11-20T04:00:00Z', 'a'), ('2026-11-20 01:00:00', '2026-11-20', '2026-11-19T04:00:00Z', 'b');
