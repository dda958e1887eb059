CREATE SCHEMA shop;
CREATE TABLE shop.customers (id integer PRIMARY KEY, name text NOT NULL, email varchar(80) UNIQUE, created timestamptz DEFAULT now());
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id integer NOT NULL REFERENCES shop.customers (id), amount numeric(10,2) CHECK (amount >= 0), note text, placed date, tags text[]);
CREATE INDEX orders_placed ON shop.orders (customer_id, placed);
CREATE VIEW shop.totals AS SELECT customer_id, sum(amount) AS total FROM shop.orders GROUP BY customer_id;
COMMENT ON TABLE shop.orders IS 'What was ordered';
COMMENT ON COLUMN shop.orders.amount IS 'In euro';
INSERT INTO shop.customers SELECT i, 'customer ' || i, 'c' || i || '@example.org', '2024-01-01 00:00:00+00'::timestamptz + i * interval '1 hour' FROM generate_series(1, 100) i;
INSERT INTO shop.orders SELECT i, 1 + i % 100, i * 1.25, CASE WHEN i % 3 = 0 THEN NULL ELSE 'note "' || i || E'"\t\\' END, date '2024-01-01' + i % 30, ARRAY['a', 'b,' || i] FROM generate_series(1, 10000) i;
