import type { FrameReader } from './frames.ts';
import { type ErrorName, firstWindow, largest31, maxFrameBytes } from './protocol.ts';

/** Identifiers (RFC 9113 section 6.5.2). */
export const settingIds = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  /** RFC 8441. */
  enableConnectProtocol: 8,
} as const;

/** What the peer has told of itself, from what holds as long as it has not. */
export class PeerSettings {
  headerTableSize = 4096;
  /** The smallest that it was while the last frame was taken over: an encoder has to tell of that, too (RFC 7541 section 4.2). */
  smallestTableSize = 4096;
  maxConcurrentStreams = Infinity;
  initialWindow = firstWindow;
  /** It takes requests for tunnels (RFC 8441). */
  connectProtocol = false;

  /** Takes over what a SETTINGS frame says; or why it must not. */
  apply(frame: FrameReader): SettingsProblem | undefined {
    const { buffer } = frame;
    this.smallestTableSize = this.headerTableSize;
    for (let at = frame.at; at < frame.end; at += 6) {
      const problem = this.set(buffer.readUInt16BE(at), buffer.readUInt32BE(at + 2));
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  private set(identifier: number, value: number): SettingsProblem | undefined {
    switch (identifier) {
      case settingIds.headerTableSize:
        this.headerTableSize = value;
        this.smallestTableSize = Math.min(this.smallestTableSize, value);
        break;
      case settingIds.enablePush:
        return value > 1 ? { error: 'PROTOCOL_ERROR', reason: 'SETTINGS_ENABLE_PUSH is neither 0 nor 1' } : undefined;
      case settingIds.maxConcurrentStreams:
        this.maxConcurrentStreams = value;
        break;
      case settingIds.initialWindowSize:
        if (value > largest31)
          return { error: 'FLOW_CONTROL_ERROR', reason: 'SETTINGS_INITIAL_WINDOW_SIZE is more than 2^31-1' };
        this.initialWindow = value;
        break;
      case settingIds.maxFrameSize:
        // Frames of ours are no larger than every peer takes.
        if (value < maxFrameBytes || value > 16_777_215)
          return { error: 'PROTOCOL_ERROR', reason: 'SETTINGS_MAX_FRAME_SIZE is not from 2^14 to 2^24-1' };
        break;
      case settingIds.enableConnectProtocol:
        if (value > 1 || (this.connectProtocol && value === 0))
          return {
            error: 'PROTOCOL_ERROR',
            reason: 'SETTINGS_ENABLE_CONNECT_PROTOCOL is neither 0 nor 1, or 0 behind 1',
          };
        this.connectProtocol = value === 1;
        break;
      default:
      // What is not known is ignored, and what is advice alone.
    }
    return undefined;
  }
}

export type SettingsProblem = { readonly error: ErrorName; readonly reason: string };
