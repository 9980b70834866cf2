/** Lines of services in the formats that loggers write, the same every time; some 60 templates. */
export function* syntheticLines(count: number): Generator<string> {
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = (list: readonly string[]): string => list[next(list.length)] ?? '';
  const hex = (): string =>
    next(2 ** 31)
      .toString(16)
      .padStart(8, '0');
  const address = (): string => `10.${next(256)}.${next(256)}.${next(256)}`;
  const messages: readonly (() => string)[] = [
    () => `order ${next(1e6)} accepted for customer ${hex()} in ${next(900)} ms`,
    () => `GET /api/carts/${next(1e5)}/items returned 200 with ${next(9000)} bytes`,
    () => `connection to ${address()}:5432 refused after ${next(5)} attempts`,
    () => `cache miss for key session:${hex()}`,
    () => `payment ${hex()}-${next(1e4)} declined: insufficient funds`,
    () => `published ${next(100)} messages to topic ${pick(['orders', 'refunds', 'stock'])}`,
    () => `slow query took ${next(90)}.${next(1000)} s: select * from orders where id = ${next(1e6)}`,
    () => `circuit breaker ${pick(['opened', 'closed', 'half-open'])} for shipping`,
    () => `worker ${next(16)} finished batch ${next(1e5)} of ${next(500)} rows`,
    () => `retrying ${pick(['reserve', 'charge', 'notify'])} in ${next(5000)} ms`,
  ];
  for (let n = 0; n < count; n += 1) {
    const time = new Date(1.8e12 + 250 * n).toISOString();
    const level = pick(['INFO', 'INFO', 'INFO', 'WARN', 'ERROR']);
    const message = (messages[next(messages.length)] ?? messages[0])?.() ?? '';
    switch (n % 6) {
      case 0:
        yield `${time} ${level} [worker-${next(8)}] com.acme.shop.Orders - ${message}`;
        break;
      case 1:
        yield JSON.stringify({ time, level, msg: message, trace: hex() });
        break;
      case 2:
        yield `ts=${time} level=${level.toLowerCase()} caller=orders.go:${next(300)} msg="${message.replaceAll('"', '')}" took=${next(90)}ms`;
        break;
      case 3:
        yield `Nov 22 10:${String(next(60)).padStart(2, '0')}:${String(next(60)).padStart(2, '0')} host-${next(20)} orders[${next(30000)}]: ${message}`;
        break;
      case 4:
        yield `I1122 10:00:00.${String(next(1e6)).padStart(6, '0')}   ${next(30000)} orders.go:${next(300)}] ${message}`;
        break;
      default:
        yield `${address()} - - [22/Nov/2026:10:00:${String(next(60)).padStart(2, '0')} +0000] "GET /items/${next(1e4)} HTTP/1.1" ${pick(['200', '200', '404', '503'])} ${next(1e4)} "-" "Mozilla/5.0 (X11; Linux x86_64)"`;
    }
  }
}
