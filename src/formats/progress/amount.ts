/** `CUR/TOTAL (P%)`, `CUR/? (n/a)` where the whole is not known, empty where nothing is (docker-shapes.md 12b). */
export const formatAmount = (current: number, total: number, toText: (bytes: number) => string): string => {
  if (current <= 0 && total <= 0) return '';
  if (total <= 0) return `${toText(current)}/? (n/a)`;
  return `${toText(current)}/${toText(total)} (${Math.round((current / total) * 100)}%)`;
};
