/** What the service changes of heads and trailers, as far as the mutation rules allow it (Envoy: HeaderMutation, HeaderMutationRules). */
import type { HeaderChange, ProcessingVerdict } from '@weft/core/services';
import type { FieldBlock } from '@weft/wire/http1';
import type { Exchange } from '../../http/exchange.ts';
import { routeAgain } from '../../http/request-path.ts';
import { changeFields, mayChange } from '../ext-authz/changes.ts';
import { editTrailers } from '../trailer-edit.ts';
import type { ProcessorSetting } from './setting.ts';

export type CommonVerdict = Extract<ProcessingVerdict, { readonly kind: 'common' }>;
type Changes = Pick<CommonVerdict, 'set' | 'remove'>;

/** A path within its origin, without white space. */
const PATH = /^\/[\x21-\x7e]*$/;

/** What the rules allow of it, the rest counted; undefined: it is refused as a whole. */
function allowedChanges({ rules, stats }: ProcessorSetting, { set, remove }: Changes): Changes | undefined {
  const allowed = {
    set: set.filter(({ name }) => rules.maySet(name)),
    remove: remove.filter((name) => rules.mayRemove(name)),
  };
  const refused = set.length + remove.length - allowed.set.length - allowed.remove.length;
  if (refused > 0 && rules.isError) return undefined;
  if (refused > 0) stats.rejected_header_mutations.add(refused);
  return allowed;
}

/** The trailers as they go on; undefined: the change is refused. */
export function changeTrailers(
  setting: ProcessorSetting,
  trailers: FieldBlock,
  verdict: CommonVerdict,
): FieldBlock | undefined {
  const allowed = allowedChanges(setting, verdict);
  if (allowed === undefined || allowed.set.length + allowed.remove.length === 0) return allowed && trailers;
  return editTrailers(trailers, (edit) => {
    for (const name of allowed.remove) edit.remove(name);
    changeFields(edit, allowed.set);
  });
}

/** Changes the head of the request or the answer, and chooses the route anew where that is asked for. False: the change is refused. */
export function changeHead(
  setting: ProcessorSetting,
  exchange: Exchange,
  isRequest: boolean,
  verdict: CommonVerdict,
): boolean {
  const allowed = allowedChanges(setting, verdict);
  if (allowed === undefined) return false;
  const { set, remove } = allowed;
  const edit = isRequest ? exchange.head.edit : exchange.response;
  for (const name of remove) if (mayChange(name)) edit.remove(name);
  changeFields(edit, set);
  for (const { name, value } of set) {
    if (isRequest && name === ':path' && !changePath(exchange, value)) return false;
    if (!isRequest && name === ':status' && /^[2-5]\d\d$/.test(value)) exchange.status = Number(value);
  }
  const { routeCache } = setting.row;
  const changed = set.length + remove.length > 0;
  if (isRequest && (routeCache === 'clear' ? changed : routeCache === 'default' && verdict.clearsRoute))
    routeAgain(exchange);
  return true;
}

function changePath(exchange: Exchange, path: HeaderChange['value']): boolean {
  if (!PATH.test(path)) return false;
  const { head } = exchange;
  const question = path.indexOf('?');
  head.path = question < 0 ? path : path.slice(0, question);
  head.query = question < 0 ? undefined : path.slice(question + 1);
  head.originalPath = path;
  exchange.setTarget(head.path);
  return true;
}
