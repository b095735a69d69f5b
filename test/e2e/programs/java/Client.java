import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * `java Client <http://address> <ws://address>`: takes one step after another by the JDK's own clients, and prints what
 * came of each as a line: its name, a tab, the outcome. What is right stands in the test.
 */
final class Client {
  private final String base;
  // As it is made when nothing is said: it asks for HTTP/2 by an upgrade.
  private final HttpClient client = HttpClient.newHttpClient();

  private Client(String base) {
    this.base = base;
  }

  public static void main(String[] args) {
    Client client = new Client(args[0]);
    step("get", () -> client.send(client.request("/get")));
    step("again", () -> client.send(client.request("/again")));
    step("posted", () -> client.send(client.request("/posted").POST(bytes(100_000))));
    step("continued", () -> client.send(client.request("/continued").expectContinue(true).POST(bytes(100_000))));
    step("chunked", () -> client.send(client.request("/chunked").PUT(stream(70_000))));
    step("large", () -> client.send(client.request("/large").PUT(stream(20 << 20))));
    step("download", () -> client.download("/bytes/" + (20 << 20)));
    step("bodiless", () -> client.send(client.request("/bytes/1000").method("HEAD", BodyPublishers.noBody())));
    step("empty", () -> client.send(client.request("/empty")));
    step("routeTimeout", () -> client.send(client.request("/never/answers")));
    step("givesUp", () -> client.send(client.request("/never/waited").timeout(Duration.ofSeconds(1))));
    step("brokenOff", () -> client.send(client.request("/aborts/length")));
    step("retried", () -> client.retried());
    step("preflight", () -> client.preflight());
    step("followed", () -> client.followed());
    step("manyAtOnce", () -> client.manyAtOnce());
    step("webSocket", () -> client.webSocket(args[1]));
    step("urlConnection", () -> client.urlConnection());
    step("afterwards", () -> client.send(client.request("/after")));
    System.exit(0);
  }

  private static void step(String name, Callable<String> take) {
    String outcome;
    try {
      outcome = take.call();
    } catch (HttpTimeoutException late) {
      outcome = "timeout";
    } catch (IOException broken) {
      outcome = "broken off";
    } catch (Exception other) {
      outcome = other.toString();
    }
    System.out.println(name + "\t" + outcome.strip());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(50));
  }

  private static BodyPublisher bytes(int length) {
    return BodyPublishers.ofByteArray(new byte[length]);
  }

  /** Of no known length, so that it is sent in chunks. */
  private static BodyPublisher stream(int length) {
    return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[length]));
  }

  private String send(HttpRequest.Builder request) throws Exception {
    return tell(client.send(request.build(), BodyHandlers.ofString()));
  }

  /** Status, version and what the server saw of the request, without its name. */
  private static String tell(HttpResponse<String> response) {
    return response.statusCode() + " " + response.version() + " " + response.body();
  }

  private String download(String path) throws Exception {
    try (InputStream body = client.send(request(path).build(), BodyHandlers.ofInputStream()).body()) {
      return String.valueOf(body.readAllBytes().length);
    }
  }

  private String retried() throws Exception {
    Map<Integer, Integer> statuses = new TreeMap<>();
    for (int turn = 0; turn < 6; turn++) {
      for (String busy : List.of("one", "two")) {
        HttpRequest request = request("/busy/" + busy).POST(BodyPublishers.ofString("a body")).build();
        statuses.merge(client.send(request, BodyHandlers.discarding()).statusCode(), 1, Integer::sum);
      }
    }
    return statuses.toString();
  }

  private String preflight() throws Exception {
    HttpRequest request = request("/cors").method("OPTIONS", BodyPublishers.noBody())
        .header("Origin", "https://shop.example").header("Access-Control-Request-Method", "PUT").build();
    HttpResponse<Void> response = client.send(request, BodyHandlers.discarding());
    return response.statusCode() + " " + response.headers().firstValue("Access-Control-Allow-Origin").orElse("");
  }

  private String followed() throws Exception {
    HttpClient follows = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
    HttpRequest request = request("/moved/on").POST(BodyPublishers.ofString("a body")).build();
    return tell(follows.send(request, BodyHandlers.ofString()));
  }

  private String manyAtOnce() throws Exception {
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    for (int turn = 0; turn < 300; turn++) {
      answers.add(client.sendAsync(request("/many").build(), BodyHandlers.discarding()).thenApply(HttpResponse::statusCode));
    }
    Map<Integer, Integer> statuses = new TreeMap<>();
    for (CompletableFuture<Integer> answer : answers) statuses.merge(answer.get(50, TimeUnit.SECONDS), 1, Integer::sum);
    return statuses.toString();
  }

  /** Sends two messages after the greeting, closes, and tells what it heard. */
  private String webSocket(String url) throws Exception {
    List<String> heard = new ArrayList<>();
    CompletableFuture<Integer> closed = new CompletableFuture<>();
    String large = "x".repeat(200_000);
    WebSocket.Listener listener = new WebSocket.Listener() {
      private final StringBuilder message = new StringBuilder();

      @Override
      public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        message.append(data);
        socket.request(1);
        if (!last) return null;
        heard.add(message.length() > 100 ? String.valueOf(message.length()) : message.toString());
        message.setLength(0);
        if (heard.size() == 1) socket.sendText("small", true).thenCompose((sent) -> sent.sendText(large, true));
        if (heard.size() == 3) socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
        return null;
      }

      @Override
      public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        closed.complete(code);
        return null;
      }

      @Override
      public void onError(WebSocket socket, Throwable error) {
        closed.completeExceptionally(error);
      }
    };
    client.newWebSocketBuilder().buildAsync(URI.create(url), listener).get(50, TimeUnit.SECONDS);
    return heard(closed.get(50, TimeUnit.SECONDS), heard);
  }

  private static String heard(int code, List<String> messages) {
    return String.join(", ", messages) + ", " + code;
  }

  /** The client that older programs have: pooled, HTTP/1.1, and here in chunks. */
  private String urlConnection() throws Exception {
    List<String> answers = new ArrayList<>();
    for (int turn = 0; turn < 3; turn++) {
      HttpURLConnection connection = (HttpURLConnection) new URL(base + "/old").openConnection();
      connection.setRequestMethod("POST");
      connection.setDoOutput(true);
      connection.setChunkedStreamingMode(1000);
      connection.getOutputStream().write(new byte[5000]);
      try (InputStream body = connection.getInputStream()) {
        String seen = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        answers.add(connection.getResponseCode() + " " + (seen.contains("\"length\":5000,\"framing\":\"chunked\"") ? "whole" : seen));
      }
    }
    return String.join(", ", answers);
  }
}
