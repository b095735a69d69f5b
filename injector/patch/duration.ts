const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds of a Duration as the Gateway API writes them (GEP-2257): `10s`, `1m30s`, `500ms`. Undefined for others. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,5}(?:h|ms|m|s)){1,4}$/.test(text)) return undefined;
  return [...text.matchAll(/(?<count>\d+)(?<unit>h|ms|m|s)/g)].reduce((sum, { groups }) => {
    return sum + Number(groups?.['count']) * (units[groups?.['unit'] ?? ''] ?? 0);
  }, 0);
}
