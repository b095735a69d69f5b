/** What has to be known of retries that are switched off. */
export const wantsNewer = 'is attempts: 0, which the Gateway API takes from v1.7 on';
