/** Numbers and times as people read them. Nothing here is given as markup: texts stay texts. */

export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '–';
  if (perSecond === 0) return '0';
  if (perSecond < 0.1) return '<0.1';
  return perSecond < 10 ? perSecond.toFixed(1) : compact(perSecond);
}

/** Made once: making one takes longer than a thousand numbers. */
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const compact = (value: number): string => COMPACT.format(value);

/** Of 0 to 1. Never 100 % where something failed. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const text = share * 100;
  if (text > 99.99 && text < 100) return '99.99%';
  return `${text >= 99.9 || text < 10 ? Number(text.toFixed(2)) : Number(text.toFixed(1))}%`;
}

export function milliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

export function octets(count: number): string {
  let size = count;
  let unit = 0;
  while (size >= 1000 && unit < SIZES.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${SIZES[unit] ?? ''}`;
}

/** `5 s`, `3 min`, `2 h`, `4 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export const clock = (unixMs: number): string =>
  new Date(unixMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const dateTime = (unixMs: number): string =>
  Number.isFinite(unixMs) ? new Date(unixMs).toISOString().replace('T', ' ').slice(0, 19) : '–';
