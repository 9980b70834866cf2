/** What the acquirer keeps of a charge, in minor units: a share in basis points and a fixed part. */
export function acquirerFee({ amountMinor, currency }, feeTable) {
  const fee = feeTable[currency] ?? feeTable.default;
  return Math.round((amountMinor * fee.basisPoints) / 10_000) + fee.fixedMinor;
}
