\set id random(1, 10000)
SELECT amount FROM shop.orders WHERE id = :id;
