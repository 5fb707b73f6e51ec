/** W3C Trace Context, 3.2 and 3.3: traceparent and tracestate. */
import { hexId, type TraceContext, type TraceFormat } from './context.ts';

/** version "-" trace-id "-" parent-id "-" trace-flags, and what versions after 00 add behind another dash. */
const PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s;
const MAX_MEMBERS = 32;
const KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

export function parseTraceParent(text: string): Omit<TraceContext, 'traceState'> | undefined {
  const [, version, trace = '', span = '', flags = '', more] = PARENT.exec(text.trim()) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const traceId = hexId(trace, 32);
  const spanId = hexId(span, 16);
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, parentId: '', sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The list as it goes on; '' when any of it is no member, or one key stands twice. */
export function parseTraceState(text: string): string {
  const keys = new Set<string>();
  const members: string[] = [];
  for (const part of text.split(',')) {
    const member = part.replace(/^[ \t]+|[ \t]+$/g, '');
    if (member === '') continue;
    const equals = member.indexOf('=');
    const key = member.slice(0, equals);
    if (equals < 0 || !KEY.test(key) || !VALUE.test(member.slice(equals + 1)) || keys.has(key)) return '';
    keys.add(key);
    members.push(member);
  }
  return members.length > MAX_MEMBERS ? '' : members.join(',');
}

export const W3C: TraceFormat = {
  headers: ['traceparent', 'tracestate'],
  read(header) {
    const text = header('traceparent');
    const parent = text === undefined ? undefined : parseTraceParent(text);
    return parent === undefined ? undefined : { ...parent, traceState: parseTraceState(header('tracestate') ?? '') };
  },
  write({ traceId, spanId, sampled, traceState }, write) {
    write('traceparent', `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`);
    if (traceState !== '') write('tracestate', traceState);
  },
};
