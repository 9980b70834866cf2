import type { LayerName } from './unit.ts';

/** Of the model's window, 0–1. What is left of it is for tools, conversation and answer. */
export type Shares = Readonly<Record<LayerName, number>>;

/** Inside of 30–35, 20–25, 10–15 and 20–25 %: near the top, since a unit that does not fit leaves a gap behind. */
export const defaultShares: Shares = { l1: 0.335, l2: 0.225, l3: 0.125, l4: 0.225 };

/** Tools, role and first task, and the longest conversation that an agent's limits allow, need no more than this. */
export const leastRest = 0.09;
