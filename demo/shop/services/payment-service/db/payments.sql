-- The archive: every payment once its day is over. The ledger in memory has the ones of today.
create table payments (
  id bigint primary key,
  user_id text not null,
  order_id text not null,
  amount_minor integer not null,
  currency text not null,
  status text not null,
  note text not null,
  created_at timestamptz not null
);
