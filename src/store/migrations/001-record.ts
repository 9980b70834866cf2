import { type Kysely, sql } from 'kysely';

/** The record: everything that must outlive a process. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...tables, ...guards]) await sql.raw(statement).execute(db);
}

const tables = [
  `create table deliveries (
    id text primary key,
    source text not null,
    body text not null,
    reason text not null,
    received_at timestamptz not null
  )`,
  `create table incidents (
    id text primary key,
    title text not null,
    severity text not null,
    status text not null,
    stage text not null,
    services jsonb not null,
    opened_at timestamptz not null,
    started_at timestamptz not null,
    resolved_at timestamptz,
    channel_name text not null unique,
    channel_id text unique,
    declared_by text,
    evidence_count integer not null default 0
  )`,
  `create index incidents_unfinished on incidents (opened_at) where stage <> 'done'`,
  `create index incidents_opened on incidents (opened_at desc)`,
  `create table alerts (
    id text primary key,
    fingerprint text not null,
    status text not null check (status in ('firing', 'resolved')),
    starts_at timestamptz not null,
    ends_at timestamptz,
    labels jsonb not null,
    annotations jsonb not null,
    generator_url text,
    incident_id text references incidents,
    received_at timestamptz not null,
    unique (fingerprint, starts_at, status)
  )`,
  `create index alerts_of_incident on alerts (incident_id)`,
  `create index alerts_firing on alerts (starts_at) where status = 'firing'`,
  `create table timeline (
    incident_id text not null references incidents,
    seq integer not null check (seq > 0),
    at timestamptz not null,
    kind text not null,
    actor text not null,
    text text not null,
    data jsonb not null,
    previous_hash text not null,
    hash text not null,
    primary key (incident_id, seq)
  )`,
  `create table investigations (
    id text primary key,
    incident_id text not null references incidents,
    service text not null,
    role text not null,
    round integer not null default 1,
    reasons jsonb not null,
    score double precision not null,
    state text not null,
    investigator text,
    steps jsonb not null,
    limits jsonb not null,
    ruled_out jsonb not null,
    next_checks jsonb not null,
    started_at timestamptz,
    finished_at timestamptz,
    unique (incident_id, service)
  )`,
  `create table evidence (
    incident_id text not null references incidents,
    number integer not null check (number > 0),
    key text not null,
    investigation_id text references investigations,
    kind text not null,
    service text not null,
    title text not null,
    summary text not null,
    query text not null,
    data jsonb not null,
    empty boolean not null,
    at timestamptz not null,
    primary key (incident_id, number),
    unique (incident_id, key)
  )`,
  `create table findings (
    id text primary key,
    incident_id text not null references incidents,
    investigation_id text not null references investigations,
    place integer not null,
    service text not null,
    kind text not null,
    text text not null,
    evidence jsonb not null,
    blames jsonb,
    confidence double precision not null,
    at timestamptz not null,
    unique (investigation_id, place)
  )`,
  `create index findings_of_incident on findings (incident_id)`,
  `create table root_causes (
    incident_id text primary key references incidents,
    outcome text not null,
    service text,
    commit jsonb,
    statement text not null,
    path jsonb not null,
    evidence jsonb not null,
    ruled_out jsonb not null,
    next_checks jsonb not null,
    at timestamptz not null
  )`,
  `create table plans (
    id text primary key,
    incident_id text not null references incidents,
    canonical text not null,
    digest text not null check (digest = encode(sha256(convert_to(canonical, 'UTF8')), 'hex')),
    nonce text not null,
    state text not null,
    created_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index plans_of_incident on plans (incident_id)`,
  `create index plans_pending on plans (expires_at) where state = 'pending'`,
  `create table approvals (
    id text primary key,
    plan_id text not null references plans,
    digest text not null,
    user_id text not null,
    decision text not null check (decision in ('approve', 'reject')),
    reason text,
    at timestamptz not null,
    unique (plan_id, user_id, decision)
  )`,
  `create index approvals_of_plan on approvals (plan_id)`,
  `create table executions (
    id text primary key,
    plan_id text not null unique references plans,
    incident_id text not null references incidents,
    state text not null,
    inverse jsonb not null,
    receipt jsonb,
    undo_receipt jsonb,
    before jsonb,
    after jsonb,
    approved_by text not null,
    error text,
    started_at timestamptz not null,
    applied_at timestamptz,
    finished_at timestamptz
  )`,
  `create index executions_of_incident on executions (incident_id)`,
  `create sequence outbox_turn`,
  `create table outbox (
    id text primary key,
    incident_id text not null references incidents,
    key text not null,
    item jsonb not null,
    version integer not null default 1,
    delivered_version integer not null default 0,
    external_id text,
    attempts integer not null default 0,
    turn bigint not null default nextval('outbox_turn'),
    due_at timestamptz not null,
    leased_by text,
    leased_until timestamptz,
    last_error text,
    given_up boolean not null default false,
    unique (incident_id, key)
  )`,
  `create index outbox_waiting on outbox (incident_id, turn) where delivered_version < version and not given_up`,
  `create index outbox_leased on outbox (incident_id) where leased_until is not null`,
  `create table knowledge (
    incident_id text primary key references incidents,
    title text not null,
    service text,
    markdown text not null,
    at timestamptz not null
  )`,
];

/** What must never change is refused by the database itself, whatever code asks. */
const guards = [
  `create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
  end $$`,
  `create trigger timeline_keeps_rows before update or delete on timeline
    for each row execute function refuse_change()`,
  `create trigger timeline_keeps_table before truncate on timeline
    for each statement execute function refuse_change()`,
  `create trigger approvals_keep_rows before update or delete on approvals
    for each row execute function refuse_change()`,
  `create trigger approvals_keep_table before truncate on approvals
    for each statement execute function refuse_change()`,
  `create trigger plans_keep_what_was_shown before update on plans for each row
    when ((old.id, old.incident_id, old.canonical, old.digest, old.nonce, old.created_by, old.created_at, old.expires_at)
      is distinct from
      (new.id, new.incident_id, new.canonical, new.digest, new.nonce, new.created_by, new.created_at, new.expires_at))
    execute function refuse_change()`,
];
