/** The headers of a request or an answer as a service sees them: pseudo-headers first, each name as often as it stands there. */
import type { FieldBlock } from '@weft/wire/http1';
import type { Exchange } from '../../http/exchange.ts';
import type { HeaderEdit } from '../../http/header-edit.ts';
import type { HeaderChoice } from '../header-choice.ts';

type Pairs = readonly (readonly [name: string, value: string])[];

export const requestHeaders = (exchange: Exchange, choice: HeaderChoice): Pairs =>
  chosen(
    [
      [':authority', exchange.head.host],
      [':path', exchange.requestHeader(':path') ?? ''],
      [':method', exchange.head.method],
      [':scheme', exchange.head.scheme],
    ],
    exchange.head.edit,
    choice,
  );

export const answerHeaders = (exchange: Exchange, choice: HeaderChoice): Pairs =>
  chosen([[':status', String(exchange.status)]], exchange.response, choice);

export function shownTrailers(trailers: FieldBlock, choice: HeaderChoice): Pairs {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index < trailers.count; index += 1) {
    const name = trailers.name(index).toLowerCase();
    if (!trailers.dropped(index) && choice.takes(name)) pairs.push([name, trailers.value(index)]);
  }
  return pairs;
}

function chosen(pseudo: readonly (readonly [string, string])[], edit: HeaderEdit, choice: HeaderChoice): Pairs {
  const pairs = pseudo.filter(([name]) => choice.takes(name)).map(([name, value]) => [name, value] as const);
  const all = [...pairs];
  edit.each((name, value) => {
    if (name !== 'host' && choice.takes(name)) all.push([name, value]);
  });
  return all;
}
