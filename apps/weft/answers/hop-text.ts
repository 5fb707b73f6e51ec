/** What one proxy told of a request, as text. */
import type { RequestHop } from '@weft/core/documents';
import { latency } from '../traffic/words.ts';

/** `number`: of the hop, from 1. */
export function hopText(hop: Omit<RequestHop, 'text'>, number: number): string {
  const { workload, record, addressed, rule, rulePlace, routePlace } = hop;
  const outbound = record.direction === 'outbound';
  const what = record.kind === 'tcp' ? 'a TCP connection' : `${record.method} ${record.path} ${record.protocol}`;
  const target =
    addressed === null
      ? record.service
      : `${addressed.gateway ? 'gateway ' : ''}${addressed.service}:${addressed.port}`;
  const placed = (source: string, place: string): string => (place === '' ? source : `${source} (${place})`);
  const lines = [
    `${number}. ${new Date(record.at).toISOString()} proxy of ${workload}${outbound ? ', calling' : ', called'}`,
    `   ${what}${record.authority === '' ? '' : ` host ${record.authority}`}`,
    `   ${wayText(record, outbound ? target : '')}`,
    `   ${answerText(record)} after ${latency(record.duration)}${record.attempts > 1 ? `, ${record.attempts} attempts` : ''}${record.flags === '' ? '' : `, flag ${record.flags}`}`,
  ];
  if (record.details !== '' && record.details !== 'via_upstream')
    lines.push(`   said by this proxy: ${record.details}`);
  if (rule !== '') lines.push(`   policy: ${placed(rule, rulePlace)}`);
  if (record.route !== '') lines.push(`   route: ${placed(record.route, routePlace)}`);
  return lines.join('\n');
}

const answerText = ({ kind, status, grpc }: RequestHop['record']): string =>
  kind === 'tcp' ? 'ended' : `${status === 0 ? 'no answer' : status}${grpc >= 0 ? ` (grpc ${grpc})` : ''}`;

/** `target`: what was called; '' where the proxy is the called side's. */
function wayText({ peer, identity, secured }: RequestHop['record'], target: string): string {
  const other = identity === '' ? peer : `${peer} (${identity})`;
  if (target !== '' && other === '') return `to ${target}, which no endpoint got`;
  const way = secured ? 'by mutual TLS' : 'without mutual TLS';
  return target === '' ? `from ${other || 'an unknown address'} ${way}` : `to ${target} at ${other} ${way}`;
}
