package shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.PropertyResourceBundle;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.FileHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * A service that runs the lines of a plan (`failure TAB value TAB value ...`). Every line makes
 * one request fail for real; the service logs it, as services do, and goes on.
 */
public final class Failures {
    public static void main(String[] arguments) throws Exception {
        var handler = new FileHandler(arguments[1]);
        handler.setFormatter(new SimpleFormatter());
        Logger.getLogger("").addHandler(handler);
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] values = line.split("\t");
            request(values);
        }
        handler.close();
    }

    static void request(String[] v) throws Exception {
        switch (v[0]) {
            case "quantity" -> Checkout.order(v[1], v[2]);
            case "customer" -> Checkout.greet(v[1], v[2]);
            case "address" -> Checkout.label(v[1], v[2]);
            case "status" -> Tracking.update(v[1], v[2]);
            case "day" -> Tracking.promise(v[1], v[2]);
            case "column" -> Prices.load(v[1], v[2]);
            case "division" -> Prices.share(v[1], v[2], v[3]);
            case "file" -> Prices.open(v[1]);
            case "stock" -> Stock.reserve(v[1], v[2], v[3]);
            case "list" -> Stock.release(v[1], v[2].split(","));
            case "token" -> Sessions.read(v[1]);
            case "text" -> Sessions.title(v[1]);
            case "full" -> Exports.submit(v[1], Integer.parseInt(v[2]), Integer.parseInt(v[3]));
            case "immutable" -> Exports.merge(v[1], v[2]);
            default -> throw new NoSuchElementException(v[0]);
        }
    }
}

record Customer(String name, Address address) {}

record Address(String city) {}

enum Status { OPEN, PAID, SHIPPED, RETURNED }

/** The form sends what people type; accounts may be deleted or have no address. */
final class Checkout {
    private static final Logger log = Logger.getLogger("shop.checkout");

    static void order(String order, String quantity) {
        try {
            Integer.parseInt(quantity);
        } catch (NumberFormatException error) {
            log.log(Level.SEVERE, "order " + order + " refused", error);
        }
    }

    static void greet(String order, String name) {
        try {
            Map<String, Customer> customers = Map.of();
            customers.get(name).name();
        } catch (NullPointerException error) {
            log.log(Level.SEVERE, "cannot confirm order " + order + " to " + name, error);
        }
    }

    static void label(String order, String name) {
        try {
            new Customer(name, null).address().city();
        } catch (NullPointerException error) {
            log.log(Level.SEVERE, "cannot confirm order " + order + " to " + name, error);
        }
    }
}

/** Carriers report states and days in words of their own. */
final class Tracking {
    private static final Logger log = Logger.getLogger("shop.tracking");

    static void update(String parcel, String status) {
        try {
            Status.valueOf(status);
        } catch (IllegalArgumentException error) {
            log.log(Level.SEVERE, "cannot update parcel " + parcel, error);
        }
    }

    static void promise(String parcel, String day) {
        try {
            LocalDate.parse(day);
        } catch (RuntimeException error) {
            log.log(Level.SEVERE, "cannot update parcel " + parcel, error);
        }
    }
}

/** Price lists come as files of suppliers. */
final class Prices {
    private static final Logger log = Logger.getLogger("shop.prices");

    static void load(String file, String row) {
        try {
            String[] cells = row.split(";");
            new BigDecimal(cells[cells.length]);
        } catch (ArrayIndexOutOfBoundsException error) {
            log.log(Level.SEVERE, "price list " + file + " rejected", error);
        }
    }

    static void share(String bundle, String total, String parts) {
        try {
            new BigDecimal(total).divide(new BigDecimal(parts));
        } catch (ArithmeticException error) {
            String split = total + " in " + parts;
            log.log(Level.SEVERE, "cannot split " + split + " for " + bundle, error);
        }
    }

    static void open(String file) {
        try {
            read(Path.of(file));
        } catch (UncheckedIOException error) {
            log.log(Level.SEVERE, "nightly import failed", error);
        }
    }

    private static BufferedReader read(Path file) {
        try {
            return Files.newBufferedReader(file);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}

/** Stock is kept by another service. */
final class Stock {
    private static final Logger log = Logger.getLogger("shop.stock");

    static void reserve(String order, String host, String port) throws InterruptedException {
        try {
            CompletableFuture.runAsync(() -> connect(order, host, Integer.parseInt(port))).get();
        } catch (ExecutionException error) {
            log.log(Level.SEVERE, "order " + order + " stays open", error.getCause());
        }
    }

    private static void connect(String order, String host, int port) {
        try (Socket socket = new Socket(host, port)) {
            socket.getOutputStream().write(order.getBytes());
        } catch (IOException error) {
            throw new IllegalStateException("stock service " + host + ":" + port, error);
        }
    }

    static void release(String order, String[] lines) {
        List<String> open = new ArrayList<>(List.of(lines));
        try {
            for (String line : open) {
                open.remove(line);
            }
        } catch (RuntimeException error) {
            log.log(Level.SEVERE, "cannot release lines " + open + " of order " + order, error);
        }
    }
}

/** Cookies and texts of the session. */
final class Sessions {
    private static final Logger log = Logger.getLogger("shop.sessions");

    static void read(String token) {
        try {
            Base64.getDecoder().decode(token);
        } catch (IllegalArgumentException error) {
            log.log(Level.SEVERE, "cannot read session " + token, error);
        }
    }

    static void title(String key) throws IOException {
        try {
            new PropertyResourceBundle(new java.io.StringReader("")).getString(key);
        } catch (RuntimeException error) {
            log.log(Level.SEVERE, "page not rendered", error);
        }
    }
}

/** Exports run on a small pool with a short queue. */
final class Exports {
    private static final Logger log = Logger.getLogger("shop.exports");

    static void submit(String report, int threads, int waiting) throws InterruptedException {
        var pool = new ThreadPoolExecutor(threads, threads, 1, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(waiting));
        var done = new CountDownLatch(1);
        try {
            for (int job = 0; job <= threads + waiting; job++) {
                pool.execute(() -> await(done));
            }
        } catch (RuntimeException error) {
            log.log(Level.SEVERE, "export of " + report + " not started", error);
        } finally {
            done.countDown();
            pool.shutdown();
        }
    }

    private static void await(CountDownLatch done) {
        try {
            done.await();
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }

    static void merge(String first, String second) {
        try {
            Map.of(first, 1, second, 2);
        } catch (IllegalArgumentException error) {
            log.log(Level.SEVERE, "cannot merge exports", error);
        }
    }
}
