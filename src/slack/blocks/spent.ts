import type { SpentView } from '../../domain/room.ts';

/** `5 turns · 42k tokens, 81 % cached · $0.12`; empty without a model. */
export function spentWords(spent: SpentView | null | undefined): string {
  if (spent == null) return '';
  const turns = `${spent.turns} ${spent.turns === 1 ? 'turn' : 'turns'}`;
  const tokens = `${short(spent.tokens)} tokens, ${spent.cachedPercent} % cached`;
  return [turns, tokens, ...money(spent)].join(' · ');
}

function money({ dollars, isEstimate }: SpentView): string[] {
  if (dollars === null) return ['no price known'];
  const about = isEstimate ? 'about ' : '';
  return [dollars > 0 && dollars < 0.01 ? `${about}under $0.01` : `${about}$${dollars.toFixed(2)}`];
}

function short(count: number): string {
  if (count < 1_000) return String(count);
  return count < 1e6 ? `${Math.round(count / 1_000)}k` : `${(count / 1e6).toFixed(1)}M`;
}
