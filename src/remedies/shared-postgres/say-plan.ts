import type { PlanNode } from '../../ports/database.ts';

/** The way in which a plan gets at a table: `Seq Scan on payments`, `Index Scan using i on payments`. */
export function sayPlan(plan: PlanNode, table: string): string {
  const node = findScan(plan, table) ?? plan;
  const index = node.index ?? node.children.find((child) => child.index !== null)?.index ?? null;
  const using = index === null ? '' : ` using ${index}`;
  return `${node.type}${using}${node.table === null ? '' : ` on ${node.table}`}`;
}

export function usesIndex(plan: PlanNode, index: string): boolean {
  return plan.index === index || plan.children.some((child) => usesIndex(child, index));
}

function findScan(plan: PlanNode, table: string): PlanNode | undefined {
  if (plan.table === table) return plan;
  for (const child of plan.children) {
    const found = findScan(child, table);
    if (found !== undefined) return found;
  }
  return undefined;
}
