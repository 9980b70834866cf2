const PAGE_LENGTH = 20;

/** What a customer paid lately, newest first: the page that people look at before they call support. */
export function createHistory({ ledger }) {
  return {
    async recent(userId) {
      return { payments: ledger.ofUser(userId, PAGE_LENGTH) };
    },
  };
}
