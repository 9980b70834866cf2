/**
 * Decides which warehouse serves a pick list: the nearest one that has everything, else the list is
 * split line by line. Returns `undefined` when the pieces are not there.
 */
export function allocate({ pickList, country, warehouses, stock }) {
  const ranked = rankWarehouses(warehouses, country);
  const whole = ranked.find(({ id }) => pickList.every((l) => stock.level(id, l.sku) >= l.quantity));
  if (whole) return pickList.map((line) => ({ ...line, warehouseId: whole.id }));

  const split = [];
  for (const line of pickList) {
    const source = ranked.find(({ id }) => stock.level(id, line.sku) >= line.quantity);
    if (!source) return undefined;
    split.push({ ...line, warehouseId: source.id });
  }
  return split;
}

export function rankWarehouses(warehouses, country) {
  const distance = ({ serves }) => {
    const rank = serves.indexOf(country);
    return rank === -1 ? serves.length : rank;
  };
  return [...warehouses].sort((a, b) => distance(a) - distance(b) || a.id.localeCompare(b.id));
}
