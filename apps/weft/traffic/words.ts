/** Numbers of traffic as columns show them. */
import { styleText } from 'node:util';

/** `98.52%`; `-` for none. 100 % is said only of what never failed. */
export function percent(share: number | null): string {
  if (share === null) return '-';
  const text = (Math.floor(share * 10_000) / 100).toFixed(2);
  return `${text}%`;
}

export const perSecond = (rate: number): string =>
  rate === 0 ? '-' : rate < 10 ? rate.toFixed(2) : rate < 100 ? rate.toFixed(1) : String(Math.round(rate));

/** `0.8ms`, `12ms`, `1.4s`. */
export function latency(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 10) return `${ms.toFixed(1)}ms`;
  if (ms < 10_000) return `${Math.round(ms)}ms`;
  return `${(ms / 1000).toFixed(1)}s`;
}

/** `1.5kB/s` by thousands. */
export function bytesPerSecond(rate: number): string {
  if (rate === 0) return '-';
  let value = rate;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (value < 1000 || unit === 'GB')
      return `${value < 10 && unit !== 'B' ? value.toFixed(1) : Math.round(value)}${unit}/s`;
    value /= 1000;
  }
  return '-';
}

/** Colours a text where standard output is a terminal that has them (NO_COLOR is honoured). */
export const coloured = (colour: 'red' | 'yellow' | 'green' | 'dim', text: string): string =>
  styleText(colour, text, { stream: process.stdout });

/** Red below 95 %, yellow below 99 %. */
export const successColoured = (share: number | null, text: string): string =>
  share === null || share >= 0.99 ? text : coloured(share < 0.95 ? 'red' : 'yellow', text);
