/** The one promotion that saves most; promotions never add up. */
export function bestPromotion({ goodsMinor, quantity, tier }, promotions) {
  let best = 0;
  for (const promotion of promotions) {
    if (promotion.minQuantity !== undefined && quantity < promotion.minQuantity) continue;
    if (promotion.tiers !== undefined && !promotion.tiers.includes(tier)) continue;
    const saved = Math.min(
      Math.floor((goodsMinor * promotion.percent) / 100),
      promotion.maxMinor ?? Infinity,
    );
    best = Math.max(best, saved);
  }
  return best;
}
