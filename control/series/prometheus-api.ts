/**
 * Prometheus' HTTP API, the part that Grafana and the dashboard use, over the store: query, query_range, query_exemplars, series, labels,
 * label values, buildinfo and metadata. Times are Unix seconds or RFC 3339, durations seconds or `30s`, as there.
 */
import {
  type Column,
  evaluateQuery,
  type Matcher,
  parseQuery,
  parseSelector,
  QueryError,
  selectorsOf,
  type Value,
} from './query/index.ts';
import { milliseconds } from './query/tokens.ts';
import type { SeriesStore } from './store/series-store.ts';

export interface ApiAnswer {
  readonly code: number;
  readonly body: unknown;
}

/** Series that one answer holds at most. */
const SERIES_LIMIT = 20_000;

class Refusal extends Error {}

/** `path` behind `/api/v1/`; `now` in Unix ms. */
export function answerQuery(store: SeriesStore, path: string, parameters: URLSearchParams, now: number): ApiAnswer {
  try {
    return { code: 200, body: { status: 'success', data: dataOf(store, path, parameters, now) } };
  } catch (error) {
    if (error instanceof QueryError) return refuse(`${error.message} (character ${error.at + 1})`);
    if (error instanceof Refusal) return refuse(error.message);
    throw error;
  }
}

const refuse = (error: string): ApiAnswer => ({ code: 400, body: { status: 'error', errorType: 'bad_data', error } });

function dataOf(store: SeriesStore, path: string, parameters: URLSearchParams, now: number): unknown {
  const [head = '', name = '', tail = ''] = path.split('/');
  if (path === 'query') return instant(store, parameters, now);
  if (path === 'query_range') return range(store, parameters);
  if (path === 'query_exemplars') return exemplars(store, parameters);
  if (path === 'series') return labelSets(store, parameters, true).map((labels) => labels.toObject());
  if (path === 'labels')
    return distinct(labelSets(store, parameters).flatMap(({ pairs }) => pairs.map(([label]) => label)));
  if (head === 'label' && tail === 'values')
    return distinct(labelSets(store, parameters).map((labels) => labels.get(decodeURIComponent(name))));
  if (path === 'metadata') return {};
  if (path === 'rules' || path === 'alerts') return { [head === 'rules' ? 'groups' : 'alerts']: [] };
  if (path === 'status/buildinfo') return { version: '2.42.0', revision: 'weft', branch: '', goVersion: '' };
  throw new Refusal(`there is no ${path.slice(0, 100)} here`);
}

function instant(store: SeriesStore, parameters: URLSearchParams, now: number): unknown {
  const at = timeOf(parameters, 'time', now);
  const { value } = evaluateQuery(store, required(parameters, 'query'), { start: at, end: at, step: 1 });
  if (value.type === 'string') return { resultType: 'string', result: [at / 1000, value.text] };
  if (value.type === 'scalar') return { resultType: 'scalar', result: [at / 1000, numberText(value.values[0])] };
  return {
    resultType: 'vector',
    result: bounded(value.columns)
      .filter(({ present }) => present[0] === 1)
      .map(({ labels, values }) => ({ metric: labels.toObject(), value: [at / 1000, numberText(values[0])] })),
  };
}

function range(store: SeriesStore, parameters: URLSearchParams): unknown {
  const start = timeOf(parameters, 'start');
  const end = timeOf(parameters, 'end');
  const step = durationOf(parameters, 'step');
  if (end < start) throw new Refusal('end must not be before start');
  const { times, value } = evaluateQuery(store, required(parameters, 'query'), { start, end, step });
  return { resultType: 'matrix', result: matrix(times, value) };
}

function matrix(times: readonly number[], value: Value): unknown {
  if (value.type === 'string') throw new Refusal('a string has no course over time');
  if (value.type === 'scalar')
    return [{ metric: {}, values: times.map((time, index) => [time / 1000, numberText(value.values[index])]) }];
  return bounded(value.columns).map(({ labels, values, present }) => ({
    metric: labels.toObject(),
    values: times.flatMap((time, index) => (present[index] === 1 ? [[time / 1000, numberText(values[index])]] : [])),
  }));
}

/** Of the series that the query selects, whatever it makes of them; without times all that are there. */
function exemplars(store: SeriesStore, parameters: URLSearchParams): unknown {
  const start = timeOf(parameters, 'start', Number.NEGATIVE_INFINITY);
  const end = timeOf(parameters, 'end', Number.POSITIVE_INFINITY);
  if (end < start) throw new Refusal('end must not be before start');
  const selectors = selectorsOf(parseQuery(required(parameters, 'query'))).map(({ matchers }) => matchers);
  return store.exemplars.select(selectors, start, end).map(({ labels, exemplars: found }) => ({
    seriesLabels: labels.toObject(),
    exemplars: found.map(({ traceId, value, at }) => ({
      labels: { trace_id: traceId },
      value: numberText(value),
      timestamp: at / 1000,
    })),
  }));
}

function bounded(columns: readonly Column[]): readonly Column[] {
  if (columns.length > SERIES_LIMIT)
    throw new Refusal(`the answer has ${columns.length} series, at most ${SERIES_LIMIT}: select fewer or aggregate`);
  return columns;
}

function labelSets(store: SeriesStore, parameters: URLSearchParams, needed = false) {
  const selectors = parameters.getAll('match[]');
  if (needed && selectors.length === 0) throw new Refusal('match[] is missing');
  const all: (readonly Matcher[])[] = selectors.map((selector) => parseSelector(selector).matchers);
  const found = (all.length === 0 ? [[]] : all).flatMap((matchers) => store.labels(matchers));
  const once = [...new Map(found.map((labels) => [labels.key, labels])).values()];
  const limit = Number(parameters.get('limit') ?? SERIES_LIMIT);
  return once.slice(0, limit > 0 ? Math.min(limit, SERIES_LIMIT) : SERIES_LIMIT);
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].filter((text) => text !== '').sort();

function required(parameters: URLSearchParams, name: string): string {
  const text = parameters.get(name);
  if (text === null || text === '') throw new Refusal(`${name} is missing`);
  return text;
}

/** Unix ms. */
function timeOf(parameters: URLSearchParams, name: string, missing?: number): number {
  const text = parameters.get(name) ?? '';
  if (text === '' && missing !== undefined) return missing;
  const ms = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (text === '' || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15)
    throw new Refusal(`${name} must be Unix seconds or a time of RFC 3339`);
  return Math.round(ms);
}

function durationOf(parameters: URLSearchParams, name: string): number {
  const text = required(parameters, name);
  const ms = /^(?:\d+(?:ms|[smhdwy]))+$/.test(text) ? milliseconds(text) : Number(text) * 1000;
  if (!Number.isFinite(ms) || ms < 1)
    throw new Refusal(`${name} must be seconds or a duration such as 30s, above nothing`);
  return Math.round(ms);
}

/** As Prometheus writes numbers. */
function numberText(value = Number.NaN): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
