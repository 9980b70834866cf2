const NUMBER = /^\d{1,15}$/;

/** Payments of earlier days. Nobody waits for it longer than its pool lets them: then it is as if it held nothing. */
export function createArchive({ query, log }) {
  async function ask(statement, values) {
    try {
      const { rows } = await query(statement, values);
      return rows;
    } catch (error) {
      log.warn('archive gave no answer', { error });
      return [];
    }
  }

  return {
    async find(id) {
      if (!NUMBER.test(id)) return undefined;
      const [row] = await ask('select * from payments where id = $1', [id]);
      return row && toPayment(row);
    },
  };
}

function toPayment(row) {
  return {
    id: String(row.id),
    orderId: row.order_id,
    userId: row.user_id,
    amountMinor: row.amount_minor,
    currency: row.currency,
    at: row.created_at,
  };
}

/** The archive behind `url`, or an empty one where there is none. The driver is loaded only when it is needed. */
export async function openArchive({ url, settings, log }) {
  if (!url) return { archive: createArchive({ query: async () => ({ rows: [] }), log }), close() {} };
  const { default: pg } = await import('pg');
  const { maxConnections, waitMs } = settings();
  const pool = new pg.Pool({ connectionString: url, max: maxConnections, connectionTimeoutMillis: waitMs });
  pool.on('error', (error) => log.warn('archive connection lost', { error }));
  const query = (statement, values) => pool.query(statement, values);
  return { archive: createArchive({ query, log }), close: () => void pool.end().catch(() => {}) };
}
