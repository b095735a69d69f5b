// Asks once, and again and again for so many seconds, so many at a time: scrape.ts <seconds> <scrapers> <url>
const [seconds, scrapers, url = ''] = process.argv.slice(2);
const until = performance.now() + Number(seconds) * 1000;
let answered = 0;
let failed = 0;
let bytes = 0;

async function scrape(): Promise<void> {
  do
    try {
      bytes = (await (await fetch(url)).arrayBuffer()).byteLength;
      answered++;
    } catch {
      failed++;
    }
  while (performance.now() < until);
}

await Promise.all(Array.from({ length: Number(scrapers) }, scrape));
console.log(`${answered} scrapes, ${failed} failed, ${bytes} bytes`);
process.exit(0);
