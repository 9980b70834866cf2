-- A year of payments by 50,000 customers, about 20 each, spread evenly. The note makes a row as long as rows of real tables are.
insert into payments
select n,
       'u-' || lpad((1 + n * 7919 % 50000)::text, 4, '0'),
       'archived-' || n,
       1900 + (n % 60) * 100,
       (array['EUR', 'SEK', 'PLN'])[1 + n % 3],
       'captured',
       repeat('settled with the acquirer; ', 24),
       now() - (1000000 - n) * interval '31 seconds'
  from generate_series(1, 1000000::bigint) n;
