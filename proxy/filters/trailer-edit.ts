/** Trailers changed by a filter: what arrived, with what is added, as a section of its own. */
import { ByteWriter, FieldBlock, forbiddenTrailer } from '@weft/wire/http1';
import { HeaderEdit } from '../http/header-edit.ts';

/** The most fields of a section of trailers, those that were added included. */
const MAX_FIELDS = 200;

/** `change` drops fields of `trailers` and adds others. Undefined: what came of it is no section of trailers. */
export function editTrailers(trailers: FieldBlock, change: (edit: HeaderEdit) => void): FieldBlock | undefined {
  const edit = new HeaderEdit();
  edit.reset(trailers);
  change(edit);
  const out = new ByteWriter();
  edit.write(out);
  out.crlf();
  const bytes = out.take();
  const edited = new FieldBlock(MAX_FIELDS);
  edited.reset(0);
  return edited.parse(bytes, bytes.length) === bytes.length && !forbiddenTrailer(edited) ? edited : undefined;
}
