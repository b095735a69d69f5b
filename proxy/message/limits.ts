/** Bytes of a head, without the empty line behind it. */
export const maxHeadBytes = 65_536;
/** Fields of a head, and of a trailer section. */
export const maxFields = 100;
/** The same where fields are counted as RFC 9113 section 6.5.2 says: 32 bytes more for each. */
export const maxHeaderListBytes = maxHeadBytes + 32 * maxFields;
/** Longer than any registered method (RFC 9110 section 16.1.1), and than custom ones. */
export const maxMethodBytes = 64;
export const maxTargetBytes = 8192;
export const maxTrailerBytes = 16_384;
