/** Requests of one workload as they happen: nothing is recorded before somebody looks. */
import { h, type ComponentChildren as Child } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { TapRecord } from '@weft/core/tap';
import { link, panel, path } from '../page.ts';
import type { Address } from '../route.ts';

/** Lines that stay on the page. */
const KEPT = 200;
/** Characters of a line that are shown. */
const WIDTH = 400;

export function TapPage({ address: { parts } }: { address: Address }): Child {
  const [, namespace = '', name = ''] = parts;
  const [lines, setLines] = useState<readonly TapRecord[]>([]);
  const [state, setState] = useState('Waiting for requests…');
  const [running, setRunning] = useState(true);
  useEffect(() => {
    if (!running) return undefined;
    const ended = new AbortController();
    setState('Waiting for requests…');
    follow(`${path(namespace)}/workloads/${path(name)}`, ended.signal, (line) => {
      setState('');
      setLines((before) => [line, ...before].slice(0, KEPT));
    }).then(
      () => setState('The stream ended.'),
      (error: unknown) => {
        if (!ended.signal.aborted) setState(error instanceof Error ? error.message : String(error));
      },
    );
    return () => ended.abort();
  }, [namespace, name, running]);
  return h(
    'div',
    null,
    h('h1', null, `Live requests of ${namespace}/${name}`),
    h('button', { type: 'button', onClick: () => setRunning(!running) }, running ? 'Pause' : 'Go on'),
    state === '' ? null : h('p', { class: 'quiet', role: 'status' }, state),
    panel(
      'Requests, newest first',
      h(
        'ol',
        { class: 'tap' },
        lines.map((line) =>
          h(
            'li',
            null,
            h(
              'strong',
              { class: line.status >= 500 || line.flags !== '' ? 'problem' : '' },
              clean(headOf(line)).slice(0, WIDTH),
            ),
            line.requestId === '' ? null : [' ', link(`requests/${path(line.requestId)}`, 'Why?')],
            h('code', { class: 'quiet' }, textOf(line).slice(0, WIDTH)),
          ),
        ),
      ),
    ),
  );
}

/** What one looks for first: when, with whom, what, how it ended. */
function headOf({
  at,
  kind,
  direction,
  peer,
  method,
  authority,
  path: asked,
  status,
  flags,
  duration,
}: TapRecord): string {
  const other = `${direction === 'outbound' ? '→' : '←'} ${peer === '' ? 'unknown' : peer}`;
  const what = kind === 'tcp' ? 'TCP' : `${method} ${authority}${asked}`;
  const ended = kind === 'tcp' ? flags : `${status === 0 ? '-' : status}${flags === '' ? '' : ` ${flags}`}`;
  return [new Date(at).toLocaleTimeString(), other, what, ended, `${duration.toFixed(1)} ms`]
    .filter(Boolean)
    .join('  ');
}

const textOf = (line: TapRecord): string =>
  clean(
    Object.entries(line)
      .filter(([, value]) => value !== '' && value !== null && typeof value !== 'object')
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(' '),
  );

/** Values are strangers' texts: they are shown as text, and no control character of theirs is. */
const clean = (text: string): string => text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\u00b7');

async function follow(workload: string, signal: AbortSignal, onLine: (line: TapRecord) => void): Promise<void> {
  const response = await fetch(`/weft/v1/namespaces/${workload}/tap`, { signal });
  if (!response.ok || response.body === null) {
    const { message = '' } = (await response.json().catch(() => ({}))) as { message?: string };
    throw new Error(message === '' ? `refused (${response.status})` : message);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value = '' } = await reader.read();
    if (done) return;
    const pieces = (rest + value).split('\n');
    rest = (pieces.pop() ?? '').slice(-65_536);
    for (const piece of pieces) {
      if (piece === '') continue;
      const told = JSON.parse(piece) as { readonly type: string; readonly exchange?: TapRecord };
      if (told.exchange !== undefined) onLine(told.exchange);
    }
  }
}
