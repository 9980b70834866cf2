import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type {
  CallResult,
  Conversation,
  Conversations,
  InvestigationSpending,
  KeptTurn,
  Spending,
} from '../ports/conversations.ts';
import type { ConversationResultRow, ConversationRow, ConversationTurnRow } from './schema.ts';
import { type Db, lockIncident, type Session } from './session.ts';
import { toJsonb } from './storable.ts';

/** As tools bound their answers; a row is bounded whoever writes it. */
const resultCharacters = 100_000;

export function createConversations(session: Session): Conversations {
  const turnsOf = (db: Db, id: string) =>
    db.selectFrom('conversationTurns').where('conversationId', '=', id).orderBy('number');

  async function read(id: string): Promise<Conversation | undefined> {
    const row = await session.db
      .selectFrom('conversations')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const turns = await turnsOf(session.db, id).selectAll().execute();
    const results = await session.db
      .selectFrom('conversationResults')
      .selectAll()
      .where('conversationId', '=', id)
      .orderBy('place')
      .execute();
    return toConversation(row, turns, results);
  }

  /** Compare-and-set from `asked`. */
  async function settle(id: string, number: number, change: TurnChange): Promise<boolean> {
    const { numUpdatedRows } = await session.db
      .updateTable('conversationTurns')
      .set(change)
      .where('conversationId', '=', id)
      .where('number', '=', number)
      .where('state', '=', 'asked')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  return {
    get: read,

    async begin({ id, incidentId, investigationId, model, opening }) {
      await session.db
        .insertInto('conversations')
        .values({ id, incidentId, investigationId, model, opening: toJsonb(opening), at: session.now() })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      const kept = await read(id);
      if (kept === undefined) throw new Error(`There is no conversation ${id}`);
      return kept;
    },

    ask: (id, turn, mayAsk) =>
      session.atomic(async (db) => {
        const { incidentId } = await db
          .selectFrom('conversations')
          .select('incidentId')
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        await lockIncident(db, incidentId);
        const numbers = await turnsOf(db, id).select('number').execute();
        // Two workers on one conversation: whoever is second must not ask the same again under another number.
        if (turn.number !== (numbers.at(-1)?.number ?? 0) + 1) return 'taken';
        if (mayAsk !== undefined && !mayAsk(await readSpending(db, incidentId))) return 'refused';
        await db
          .insertInto('conversationTurns')
          .values({
            conversationId: id,
            number: turn.number,
            state: 'asked',
            said: toJsonb(turn.said),
            purposes: toJsonb(turn.purposes),
            steers: toJsonb(turn.steers),
            shed: turn.shed,
            elapsedMs: Math.round(turn.elapsedMs),
            countedTokens: turn.counts.tokens,
            countedDollars: turn.counts.dollars,
            at: session.now(),
          })
          .execute();
        return 'asked';
      }),

    answer: (id, number, { blocks, stop, model, spent, elapsedMs }) =>
      settle(id, number, {
        state: 'answered',
        blocks: toJsonb(blocks),
        stop,
        model,
        ...toColumns(spent),
        elapsedMs: Math.round(elapsedMs),
      }),

    giveUp: (id, number, spent) => settle(id, number, { state: 'given-up', ...toColumns(spent) }),

    async keepResult(id, number, { callId, text, failed, malformed }) {
      await session.db
        .insertInto('conversationResults')
        .values({
          conversationId: id,
          number,
          callId,
          text: text.slice(0, resultCharacters),
          failed,
          malformed,
        })
        .onConflict((conflict) => conflict.columns(['conversationId', 'number', 'callId']).doNothing())
        .execute();
      const row = await session.db
        .selectFrom('conversationResults')
        .selectAll()
        .where('conversationId', '=', id)
        .where('number', '=', number)
        .where('callId', '=', callId)
        .executeTakeFirstOrThrow();
      return toResult(row);
    },

    async noteTime(id, number, elapsedMs) {
      await session.db
        .updateTable('conversationTurns')
        .set({ elapsedMs: Math.round(elapsedMs) })
        .where('conversationId', '=', id)
        .where('number', '=', number)
        .where('elapsedMs', '<', Math.round(elapsedMs))
        .execute();
    },

    spentBy: (incidentId) => readSpending(session.db, incidentId),

    forget: (resolvedBefore) =>
      session.atomic(async (db) => {
        const over = sql`select id from incidents where status = 'resolved' and resolved_at < ${resolvedBefore}`;
        await sql`delete from tool_outputs where incident_id in (${over})`.execute(db);
        const forgotten = await sql<{ id: string }>`
          update conversations set opening = 'null'
          where opening::text <> 'null' and incident_id in (${over})
          returning id`.execute(db);
        const ids = forgotten.rows.map((row) => row.id);
        if (ids.length === 0) return;
        await db.deleteFrom('conversationResults').where('conversationId', 'in', ids).execute();
        const nothing = toJsonb([]);
        const turns = db.updateTable('conversationTurns').where('conversationId', 'in', ids);
        await turns.set({ said: nothing }).execute();
        await turns.set({ blocks: nothing }).where('blocks', 'is not', null).execute();
      }),

    async toldSteers(investigationId) {
      const { rows } = await sql<{ id: string }>`
        select distinct jsonb_array_elements_text(t.steers) as id
        from conversations c join conversation_turns t on t.conversation_id = c.id
        where c.investigation_id = ${investigationId} and exists (
          select 1 from conversation_turns later
          where later.conversation_id = t.conversation_id and later.number >= t.number and later.state = 'answered'
        )
        order by id`.execute(session.db);
      return rows.map((row) => row.id);
    },
  };
}

async function readSpending(db: Db, incidentId: string): Promise<InvestigationSpending[]> {
  const { rows } = await sql<SpendingRow>`
    select investigation_id, sum(turns)::int as turns, sum(input)::float8 as input,
      sum(cached)::float8 as cached, sum(output)::float8 as output,
      sum(dollars)::float8 as dollars, sum(counted_tokens)::float8 as counted_tokens,
      sum(counted_dollars)::float8 as counted_dollars, sum(unpriced)::int as unpriced,
      sum(estimated)::int as estimated, sum(elapsed)::float8 as elapsed
    from (
      select c.investigation_id, count(*) as turns, coalesce(sum(t.input_tokens), 0) as input,
        coalesce(sum(t.cached_tokens), 0) as cached, coalesce(sum(t.output_tokens), 0) as output,
        coalesce(sum(t.dollars), 0) as dollars, sum(t.counted_tokens) as counted_tokens,
        sum(t.counted_dollars) as counted_dollars,
        count(*) filter (where t.output_tokens is not null and t.dollars is null) as unpriced,
        count(*) filter (where t.state = 'given-up' and t.output_tokens > 0) as estimated,
        max(t.elapsed_ms) as elapsed
      from conversations c join conversation_turns t on t.conversation_id = c.id
      where c.incident_id = ${incidentId}
      group by c.id, c.investigation_id
    ) each
    group by investigation_id
    order by investigation_id`.execute(db);
  return rows.map((row) => ({
    investigationId: row.investigationId,
    turns: row.turns,
    inputTokens: row.input,
    cachedTokens: row.cached,
    outputTokens: row.output,
    dollars: row.unpriced === row.turns ? null : row.dollars,
    counts: { tokens: row.countedTokens, dollars: row.countedDollars },
    unpriced: row.unpriced,
    estimated: row.estimated,
    elapsedMs: row.elapsed,
  }));
}

interface SpendingRow {
  investigationId: string;
  turns: number;
  input: number;
  cached: number;
  output: number;
  dollars: number;
  countedTokens: number;
  countedDollars: number;
  unpriced: number;
  estimated: number;
  elapsed: number;
}

type TurnChange = Partial<
  Omit<Selectable<ConversationTurnRow>, 'blocks' | 'said' | 'purposes' | 'steers'>
> & {
  blocks?: string;
};

function toColumns({ inputTokens, cachedTokens, outputTokens, dollars, counts }: Spending) {
  const counted = { countedTokens: counts.tokens, countedDollars: counts.dollars };
  return { inputTokens, cachedTokens, outputTokens, dollars, ...counted };
}

function toConversation(
  { at: _at, ...row }: Selectable<ConversationRow>,
  turns: readonly Selectable<ConversationTurnRow>[],
  results: readonly Selectable<ConversationResultRow>[],
): Conversation {
  return {
    ...row,
    turns: turns.map((turn) =>
      toTurn(
        turn,
        results.filter((one) => one.number === turn.number),
      ),
    ),
  };
}

function toTurn(
  row: Selectable<ConversationTurnRow>,
  results: readonly Selectable<ConversationResultRow>[],
): KeptTurn {
  const { number, said, purposes, steers, shed, state, elapsedMs, blocks, stop, model } = row;
  const { inputTokens, cachedTokens, outputTokens, dollars } = row;
  const counts = { tokens: row.countedTokens, dollars: row.countedDollars };
  return {
    number,
    said,
    purposes,
    steers,
    shed,
    state,
    elapsedMs,
    counts,
    reply: blocks === null || stop === null ? null : { blocks, stop, model: model ?? '' },
    spent:
      inputTokens === null || cachedTokens === null || outputTokens === null
        ? null
        : { inputTokens, cachedTokens, outputTokens, dollars, counts },
    results: results.map(toResult),
  };
}

function toResult({ callId, text, failed, malformed }: Selectable<ConversationResultRow>): CallResult {
  return { callId, text, failed, malformed };
}
