/**
 * OpenMetrics 1.0.0 beside the plain exposition format: who gets it, and how types are told. Names and labels of series are those of the plain
 * format, so that a scraper's series do not depend on what it asked for.
 */
import type { MetricType } from './families.ts';

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
export const PLAIN_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const VERSIONS: ReadonlySet<string> = new Set(['', '1.0.0', '0.0.1']);

/** Whether an Accept field (RFC 9110, 12.5.1) names OpenMetrics, at least as welcome as plain text. Wildcards do not name it. */
export function wantsOpenMetrics(accept: string): boolean {
  let open = 0;
  /** By how closely they match. */
  const plain: [number | undefined, number | undefined, number | undefined] = [undefined, undefined, undefined];
  for (const range of accept.split(',')) {
    const [media = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const of = (name: string): string | undefined => {
      const found = parameters.find((parameter) => parameter.startsWith(`${name}=`));
      return found?.slice(name.length + 1).replace(/^"(.*)"$/, '$1');
    };
    const weight = weightOf(of('q'));
    if (media === 'application/openmetrics-text' && VERSIONS.has(of('version') ?? '')) open = Math.max(open, weight);
    const close = ['text/plain', 'text/*', '*/*'].indexOf(media);
    if (close >= 0) plain[close] = Math.max(plain[close] ?? 0, weight);
  }
  return open > 0 && open >= (plain[0] ?? plain[1] ?? plain[2] ?? 0);
}

/** A weight that is none counts as 0: what was not understood is not sent. */
const weightOf = (text: string | undefined): number =>
  text === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;

/**
 * Name and type as OpenMetrics has them. A counter's samples end in `_total` there and its family is named without; a counter with another name,
 * or one whose family would have the name of another, is `unknown`.
 */
export function openMetricsType(
  name: string,
  type: MetricType,
  names: ReadonlySet<string>,
): { readonly name: string; readonly type: MetricType | 'unknown' } {
  if (type !== 'counter') return { name, type };
  const family = name.endsWith('_total') ? name.slice(0, -'_total'.length) : '';
  return family === '' || names.has(family) ? { name, type: 'unknown' } : { name: family, type };
}

const TYPE_LINE = /^# TYPE (\S+) (counter|gauge|histogram)$/;

/** Names of families in text of the plain format. */
export const namesIn = (plain: string): string[] =>
  [...plain.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '');

/** Text of the plain format as lines of OpenMetrics, without `# EOF`. `names`: of all families of the page. */
export function openMetricsLines(plain: string, names: ReadonlySet<string>): string[] {
  return plain.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    if (!line.startsWith('#')) return [line];
    const [, name = '', type] = TYPE_LINE.exec(line) ?? [];
    if (type === undefined) return [];
    const told = openMetricsType(name, type as MetricType, names);
    return [`# TYPE ${told.name} ${told.type}`];
  });
}
