import { type Kysely, sql } from 'kysely';

/** Fixes of many kinds and steps, who may let them run, and what keeps two of them apart. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // What belongs to no incident is in the stream and the outbox called 'system'.
  `alter table timeline drop constraint timeline_incident_id_fkey`,
  `alter table outbox drop constraint outbox_incident_id_fkey`,

  `alter table root_causes add column proposes jsonb not null default '[]'`,
  `alter table findings add column proposes jsonb`,

  `alter table plans add column runs_at timestamptz`,
  `drop trigger plans_keep_what_was_shown on plans`,
  `create trigger plans_keep_what_was_shown before update on plans for each row
    when ((old.id, old.incident_id, old.canonical, old.digest, old.nonce, old.created_by, old.created_at,
           old.expires_at, old.runs_at)
      is distinct from
      (new.id, new.incident_id, new.canonical, new.digest, new.nonce, new.created_by, new.created_at,
       new.expires_at, new.runs_at))
    execute function refuse_change()`,
  // What a plan became is final: nothing brings a decided plan back to be decided once more.
  `create function refuse_revival() returns trigger language plpgsql as $$
  begin
    raise exception 'a plan that is % cannot become %', old.state, new.state using errcode = 'restrict_violation';
  end $$`,
  `create trigger plans_stay_decided before update of state on plans for each row
    when (old.state in ('rejected', 'expired', 'void', 'rolled-back', 'failed')
          and new.state in ('announced', 'pending', 'approved', 'executing'))
    execute function refuse_revival()`,

  `alter table approvals drop constraint approvals_decision_check`,
  `alter table approvals add check (decision in ('approve', 'reject', 'self-run', 'break-glass'))`,
  `alter table approvals add column in_name_of text`,

  `alter table executions add column steps jsonb not null default '[]'`,
  // What was done before stays known and undoable: it is the one step of its plan.
  `update executions set steps = jsonb_build_array(jsonb_build_object(
    'state', case
      when undo_receipt is not null then 'undone'
      when state = 'failed' then 'failed'
      when receipt is null then 'intent'
      when state = 'rolling-back' then 'undoing'
      else 'applied'
    end,
    'inverse', inverse, 'receipt', receipt, 'undoReceipt', undo_receipt, 'check', null, 'error', null))`,
  `alter table executions add column undo_reason text`,
  `alter table executions add column undoing_since timestamptz`,
  `alter table executions drop column inverse`,
  `alter table executions drop column receipt`,
  `alter table executions drop column undo_receipt`,

  `create table target_locks (
    target text primary key,
    execution_id text not null,
    incident_id text not null,
    owner text not null,
    leased_until timestamptz not null
  )`,
  `create index target_locks_of_execution on target_locks (execution_id)`,

  `create table halts (
    id text primary key,
    by text not null,
    reason text not null,
    at timestamptz not null,
    lifted_by text,
    lifted_at timestamptz,
    lift_reason text
  )`,
  `create unique index halts_one_in_force on halts ((true)) where lifted_at is null`,

  `create table delegations (
    id text primary key,
    "from" text not null,
    "to" text not null,
    reason text not null,
    at timestamptz not null,
    until timestamptz not null,
    revoked_at timestamptz
  )`,

  `create table questions (
    id text primary key,
    incident_id text not null references incidents,
    plan_id text not null references plans,
    user_id text not null,
    text text not null,
    answer text,
    evidence jsonb not null default '[]',
    at timestamptz not null,
    answered_at timestamptz
  )`,
  `create index questions_open on questions (at) where answer is null`,
];
