const declarations: readonly RegExp[] = [
  // JavaScript and TypeScript
  /^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|interface|enum|namespace)\s+([\w$]+)/,
  /^export\s+(?:declare\s+)?(?:const|let|var|type)\s+([\w$]+)/,
  /^(?:module\.)?exports\.([\w$]+)\s*=/,
  // Python, Ruby, Rust, Go, PHP
  /^(?:async\s+)?def\s+([\w.]+)/,
  /^class\s+(\w+)/,
  /^func\s+(?:\([^)]{0,80}\)\s*)?(\w+)/,
  /^type\s+(\w+)\s/,
  /^(?:pub(?:\([^)]{0,20}\))?\s+)?(?:async\s+)?(?:fn|struct|enum|trait|mod)\s+(\w+)/,
  // Java, Kotlin, C#
  /^\s{0,4}(?:public|protected|internal)\s+(?:[\w<>[\],?]+\s+){1,4}(\w+)\s*[({]/,
  // Protocol buffers, GraphQL, SQL
  /^(?:message|service|enum|rpc|input|query|mutation)\s+(\w+)/,
  /^create\s+(?:or\s+replace\s+)?(?:unique\s+)?(?:table|view|index|function)\s+(?:if\s+not\s+exists\s+)?([\w."]+)/i,
];

export interface DeclaredName {
  readonly name: string;
  /** From 0. */
  readonly line: number;
}

/** Names that begin at the left margin: what a file offers, in order. Long lines are no code to read. */
export function findSymbols(text: string): DeclaredName[] {
  const found: DeclaredName[] = [];
  for (const [line, content] of text.split('\n').entries()) {
    if (content.length > 400) continue;
    const name = nameOf(content);
    if (name !== null) found.push({ name, line });
  }
  return found;
}

function nameOf(line: string): string | null {
  for (const pattern of declarations) {
    const name = pattern.exec(line)?.[1];
    if (name !== undefined) return name;
  }
  return null;
}
