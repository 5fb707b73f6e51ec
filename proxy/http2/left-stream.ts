/** The owner of a stream whose exchange is over: data that waits still leaves, what comes is given back. */
import { MessageHead, type StreamOwner } from '@weft/wire/http2';
import { latin1Text } from '../http/octets.ts';

export const LEFT: StreamOwner = {
  messageHead: new MessageHead(100, latin1Text),
  headArrived() {},
  dataArrived: (stream, _bytes, start, end) => stream.consumed(end - start),
  endArrived() {},
  wasReset() {},
  hasRoom: (stream) => {
    if (!stream.remoteEnded && stream.endSent) stream.stopReading();
  },
};
