/** Gateway API HTTPRequestMirrorFilter. */
import { backendObject, checkBackendObject } from '../../gateway/backend-ref.ts';
import { checkShare, share } from '../../gateway/share.ts';
import { object, required } from '../../schema/schema.ts';

export const requestMirror = object(
  {
    backendRef: required(object(backendObject, checkBackendObject), 'Where the copy goes; its answer is thrown away.'),
    ...share,
  },
  checkShare,
);
