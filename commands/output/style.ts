import { styleText } from 'node:util';

/** Colours for a terminal; plain text where standard output is none, or NO_COLOR is set. */
export const style = {
  head: (text: string): string => styleText('bold', text, { stream: process.stdout }),
  good: (text: string): string => styleText('green', text, { stream: process.stdout }),
  bad: (text: string): string => styleText('red', text, { stream: process.stdout }),
  faint: (text: string): string => styleText('dim', text, { stream: process.stdout }),
};
