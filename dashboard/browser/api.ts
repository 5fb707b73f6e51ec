/** What the dashboard asks of the control plane, and the hook that asks again and again. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type {
  ChangeEntry,
  ChangesDocument,
  EdgeTraffic,
  FindingDocument,
  FindingsDocument,
  PlanDocument,
  ProxiesDocument,
  ProxyDocument,
  TrafficDocument,
} from '@weft/core/documents';

export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Seconds a value stands for, and its text. */
export type Sample = readonly [at: number, value: string];
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly Sample[];
}

export class ApiError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) });
  return read<T>(response);
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: { message?: string; error?: string } = {};
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    throw new ApiError(response.status, `the answer is no JSON (${response.status})`);
  }
  if (response.status === 401) dispatchEvent(new Event('weft-signed-out'));
  if (!response.ok) throw new ApiError(response.status, body.message ?? body.error ?? `refused (${response.status})`);
  return body as T;
}

export const traffic = async (window: string, signal?: AbortSignal): Promise<readonly EdgeTraffic[]> =>
  (await get<TrafficDocument>(`/weft/v1/traffic?window=${window}`, signal)).rows;

export const proxies = async (signal?: AbortSignal): Promise<readonly ProxyDocument[]> =>
  (await get<ProxiesDocument>('/weft/v1/proxies', signal)).proxies;

export const findings = async (signal?: AbortSignal): Promise<readonly FindingDocument[]> =>
  (await get<FindingsDocument>('/weft/v1/findings', signal)).findings;

export const changes = async (signal?: AbortSignal): Promise<readonly ChangeEntry[]> =>
  (await get<ChangesDocument>('/weft/v1/changes', signal)).changes;

/** What these objects (YAML) would change. */
export async function plan(text: string): Promise<PlanDocument> {
  const headers = { accept: 'application/json', 'content-type': 'application/yaml' };
  return read<PlanDocument>(await fetch('/weft/v1/plan', { method: 'POST', headers, body: text }));
}

const PROMETHEUS = '/weft/v1/prometheus/api/v1';

async function posted(
  call: string,
  parameters: Record<string, string>,
  signal?: AbortSignal,
): Promise<readonly Series[]> {
  const body = new URLSearchParams(parameters);
  const response = await fetch(`${PROMETHEUS}/${call}`, { method: 'POST', body, ...(signal ? { signal } : {}) });
  return (await read<{ data: { result: readonly Series[] } }>(response)).data.result;
}

/** Times in Unix seconds. */
export const range = (
  query: string,
  { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
  signal?: AbortSignal,
): Promise<readonly Series[]> =>
  posted('query_range', { query, start: String(start), end: String(end), step: String(step) }, signal);

export async function instant(query: string, time?: number, signal?: AbortSignal): Promise<readonly Series[]> {
  const found = await posted('query', { query, ...(time === undefined ? {} : { time: String(time) }) }, signal);
  return (found as readonly (Series & { value?: Sample })[]).map(({ metric, value }) => ({
    metric,
    values: value === undefined ? [] : [value],
  }));
}

/** A label's value in a query. */
export const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

export type Loaded<T> =
  | { readonly state: 'loading' }
  | {
      readonly state: 'ready';
      readonly value: T /** Of the last try, while the value is an older one. */;
      readonly problem: string;
    }
  | { readonly state: 'failed'; readonly problem: string };

/** ms after which a question that is asked once is asked again, when it was not answered. */
const AGAIN = 2000;

/** Whether the same question may be answered later: not where it was refused for what it is. */
const mayPass = (error: unknown): boolean => !(error instanceof ApiError) || error.code >= 500 || error.code === 429;

/**
 * Asks at once and then every `every` ms while the page is seen (0: until it is answered once). `key`: what the question depends on.
 */
export function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>, every: number, key: string): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const asked = useRef(ask);
  asked.current = ask;
  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    setLoaded({ state: 'loading' });
    const round = async (): Promise<void> => {
      let wait = every;
      try {
        const value = await asked.current(ended.signal);
        if (!ended.signal.aborted) setLoaded({ state: 'ready', value, problem: '' });
      } catch (error) {
        if (ended.signal.aborted) return;
        if (every === 0 && mayPass(error)) wait = AGAIN;
        const problem = error instanceof Error ? error.message : String(error);
        setLoaded((before) => (before.state === 'ready' ? { ...before, problem } : { state: 'failed', problem }));
      }
      if (wait > 0 && !ended.signal.aborted) timer = setTimeout(() => void next(), wait);
    };
    // A page in the background asks nothing.
    const next = (): Promise<void> | void => {
      if (document.visibilityState === 'visible') return round();
      timer = setTimeout(() => void next(), every > 0 ? every : AGAIN);
    };
    void round();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [key, every]);
  return loaded;
}
