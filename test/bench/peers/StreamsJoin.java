import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.UncheckedIOException;
import java.io.IOException;
import java.util.Map;
import java.util.HashMap;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The join in Kafka Streams, by its processor API: StreamsJoin CONFIG, runs until it is ended. Open lists, what was done
 * with them and an index of what closes when stand in RocksDB, each with its changelog.
 */
public class StreamsJoin {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Set<String> GOALS = Set.of("CLICK", "ADD_TO_CART", "PURCHASE");
  static JsonNode config;

  public static void main(String[] args) throws Exception {
    config = JSON.readTree(new File(args[0]));
    Deserializer<JsonNode> read = (topic, bytes) -> {
      try {
        return JSON.readTree(bytes);
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    };
    Serializer<JsonNode> write = (topic, node) -> {
      try {
        return JSON.writeValueAsBytes(node);
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    };
    Topology topology = new Topology();
    topology.addSource((AutoOffsetReset) null, "events", (record, partitionTime) -> ((JsonNode) record.value()).get("eventTimeMs").asLong(),
        new StringDeserializer(), read, config.get("impressions").asText(), config.get("interactions").asText());
    topology.addProcessor("join", Join::new, "events");
    topology.addStateStore(Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore("open"), Serdes.String(), Serdes.serdeFrom(write, read)), "join");
    for (String name : new String[] {"acted", "closing"})
      topology.addStateStore(Stores.keyValueStoreBuilder(
          Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.Long()), "join");
    topology.addSink("rows", config.get("output").asText(), new StringSerializer(), write, "join");

    Properties options = new Properties();
    options.put(StreamsConfig.APPLICATION_ID_CONFIG, config.get("group").asText());
    options.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.get("brokers").asText());
    options.put(StreamsConfig.STATE_DIR_CONFIG, config.get("folder").asText());
    options.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    options.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    options.put("auto.offset.reset", "earliest");
    KafkaStreams streams = new KafkaStreams(topology, options);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  /** Impressions wait for their outcome until the slower of the two topics has passed their window. */
  static class Join implements Processor<String, JsonNode, String, JsonNode> {
    private final long windowMs = config.get("windowMs").asLong();
    private final long latenessMs = config.get("latenessMs").asLong();
    private final Map<String, Long> seen = new HashMap<>();
    private ProcessorContext<String, JsonNode> context;
    private KeyValueStore<String, JsonNode> open;
    private KeyValueStore<String, Long> acted;
    private KeyValueStore<String, Long> closing;
    private long nextClose = Long.MIN_VALUE;
    private long closedMs = 0;

    @Override
    public void init(ProcessorContext<String, JsonNode> given) {
      context = given;
      open = given.getStateStore("open");
      acted = given.getStateStore("acted");
      closing = given.getStateStore("closing");
    }

    @Override
    public void process(Record<String, JsonNode> record) {
      JsonNode event = record.value();
      String request = event.get("requestId").asText();
      long at = event.get("eventTimeMs").asLong();
      seen.merge(context.recordMetadata().get().topic(), at, Math::max);
      if (event.has("items")) {
        if (open.get(request) == null) {
          open.put(request, event);
          closing.put(closeKey(at + windowMs, request, ""), at);
        }
      } else if (GOALS.contains(event.get("type").asText())) {
        String item = event.get("itemId").asText();
        Long before = acted.get(request + "|" + item);
        acted.put(request + "|" + item, before == null ? at : Math.min(at, before));
        closing.put(closeKey(at + windowMs, request, item), at);
      }
      nextClose = Math.min(nextClose, at + windowMs);
      if (seen.size() == 2) close(seen.values().stream().min(Long::compare).get() - latenessMs);
    }

    private void close(long watermark) {
      if (watermark <= nextClose) return;
      nextClose = Long.MAX_VALUE;
      // From where the last look ended: what was deleted before would be walked over again.
      try (KeyValueIterator<String, Long> due = closing.range(String.format("%016d", closedMs), "~")) {
        while (due.hasNext()) {
          String key = due.peekNextKey();
          long closeMs = Long.parseLong(key.substring(0, 16));
          if (closeMs >= watermark) {
            nextClose = closeMs;
            break;
          }
          due.next();
          closedMs = closeMs;
          closing.delete(key);
          String[] parts = key.split("\\|", 3);
          if (!parts[2].isEmpty()) {
            // Of a list that never came, or that is written.
            if (open.get(parts[1]) == null) acted.delete(parts[1] + "|" + parts[2]);
          } else write(open.delete(parts[1]));
        }
      }
    }

    private void write(JsonNode list) {
      String request = list.get("requestId").asText();
      long at = list.get("eventTimeMs").asLong();
      for (JsonNode item : list.get("items")) {
        Long when = acted.get(request + "|" + item.get("itemId").asText());
        ObjectNode row = JSON.createObjectNode();
        row.put("requestId", request).put("itemId", item.get("itemId").asText());
        row.put("position", item.get("position").asInt()).put("eventTimeMs", at);
        row.put("label", when != null && at <= when && when <= at + windowMs ? 1 : 0);
        context.forward(new Record<>(list.get("sessionId").asText(), row, at));
      }
    }

    private static String closeKey(long closeMs, String request, String item) {
      return String.format("%016d|%s|%s", closeMs, request, item);
    }
  }
}
