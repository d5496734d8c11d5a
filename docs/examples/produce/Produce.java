import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Sends what was shown and what was clicked to Sluice over HTTP: java Produce.java http://127.0.0.1:9464 */
public final class Produce {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  public static void main(String[] arguments) throws IOException, InterruptedException {
    long now = System.currentTimeMillis();
    String shown =
        """
        {"requestId":"java-1","eventTimeMs":%d,"surface":"SEARCH","sessionId":"s-java",
         "items":[{"itemId":"a","position":1},{"itemId":"b","position":2}]}
        """
            .formatted(now);
    String click =
        """
        {"interactionId":"java-click-1","eventTimeMs":%d,"type":"CLICK","sessionId":"s-java","itemId":"b","requestId":"java-1"}
        """
            .formatted(now);
    System.out.print(send(arguments[0], "impressions", shown) + send(arguments[0], "interactions", click));
  }

  /** Sends events until they are durable. Sending again is safe: each is known by its id. */
  private static String send(String url, String topic, String events) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/" + topic))
            .header("authorization", "Bearer " + System.getenv("SLUICE_EVENTS_TOKEN"))
            .POST(HttpRequest.BodyPublishers.ofString(events))
            .build();
    while (true) {
      HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 200) return answer.body();
      // The events are wrong: the answer says which, and why.
      if (answer.statusCode() != 503) throw new IOException(answer.body());
      Thread.sleep(1000);
    }
  }
}
