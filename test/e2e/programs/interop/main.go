// The interoperability cases that gRPC publishes with grpc-go, and its server for them.
//
//	real server <port>
//	real client plain|gzip|orca <address>...
//
// The client prints a line for each case that passed; a case that fails ends it with the reason. `orca` is the case of
// load reports alone, which only servers of grpc-go know.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/interop"
	"google.golang.org/grpc/orca"

	pb "google.golang.org/grpc/interop/grpc_testing"
)

const largest = 64 << 20

func main() {
	if os.Args[1] == "server" {
		serve(os.Args[2])
		return
	}
	for _, address := range os.Args[3:] {
		call(address, os.Args[2])
	}
}

type testCase struct {
	name string
	run  func()
}

func serve(port string) {
	listener, err := net.Listen("tcp", "[::]:"+port)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(largest), grpc.MaxSendMsgSize(largest), orca.CallMetricsServerOption(nil))
	pb.RegisterTestServiceServer(server, interop.NewTestServer())
	fmt.Println("listening")
	log.Fatal(server.Serve(listener))
}

func call(address string, mode string) {
	options := []grpc.CallOption{grpc.MaxCallRecvMsgSize(largest), grpc.MaxCallSendMsgSize(largest)}
	if mode == "gzip" {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}
	open := func(config string) (*grpc.ClientConn, func()) {
		channel, err := grpc.NewClient(
			address,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(options...),
			grpc.WithDefaultServiceConfig(config),
		)
		if err != nil {
			log.Fatal(err)
		}
		return channel, func() { channel.Close() }
	}
	channel, end := open("{}")
	defer end()
	soak := interop.SoakTestConfig{
		RequestSize:                      271_828,
		ResponseSize:                     314_159,
		PerIterationMaxAcceptableLatency: time.Minute,
		OverallTimeout:                   time.Minute,
		ServerAddr:                       address,
		NumWorkers:                       2,
		Iterations:                       10,
	}
	soakOver := func(channel func() (*grpc.ClientConn, func())) {
		soak.ChannelForTest = channel
		interop.DoSoakTest(context.Background(), soak)
	}
	client := pb.NewTestServiceClient(channel)
	ctx := context.Background()
	cases := []testCase{
		{"empty_unary", func() { interop.DoEmptyUnaryCall(ctx, client) }},
		{"large_unary", func() { interop.DoLargeUnaryCall(ctx, client) }},
		{"client_streaming", func() { interop.DoClientStreaming(ctx, client) }},
		{"server_streaming", func() { interop.DoServerStreaming(ctx, client) }},
		{"ping_pong", func() { interop.DoPingPong(ctx, client) }},
		{"empty_stream", func() { interop.DoEmptyStream(ctx, client) }},
		{"timeout_on_sleeping_server", func() { interop.DoTimeoutOnSleepingServer(ctx, client) }},
		{"cancel_after_begin", func() { interop.DoCancelAfterBegin(ctx, client) }},
		{"cancel_after_first_response", func() { interop.DoCancelAfterFirstResponse(ctx, client) }},
		{"status_code_and_message", func() { interop.DoStatusCodeAndMessage(ctx, client) }},
		{"special_status_message", func() { interop.DoSpecialStatusMessage(ctx, client) }},
		{"custom_metadata", func() { interop.DoCustomMetadata(ctx, client) }},
		{"unimplemented_method", func() { interop.DoUnimplementedMethod(ctx, channel) }},
		{"unimplemented_service", func() { interop.DoUnimplementedService(ctx, pb.NewUnimplementedServiceClient(channel)) }},
		{"rpc_soak", func() { soakOver(func() (*grpc.ClientConn, func()) { return channel, func() {} }) }},
		{"channel_soak", func() { soakOver(func() (*grpc.ClientConn, func()) { return open("{}") }) }},
		{"huge_unary", func() { huge(ctx, client) }},
	}
	if mode == "orca" {
		// This balancer, of the cases, hands over what the server tells of its load.
		reporting, end := open(`{"loadBalancingConfig": [{"test_backend_metrics_load_balancer": {}}]}`)
		defer end()
		cases = []testCase{{"orca_per_rpc", func() { interop.DoORCAPerRPCTest(ctx, pb.NewTestServiceClient(reporting)) }}}
	}
	for _, one := range cases {
		one.run()
		fmt.Printf("%s %s passed\n", address, one.name)
	}
}

// No case of gRPC's own: a message each way that is larger than what its implementations allow unless told otherwise.
func huge(ctx context.Context, client pb.TestServiceClient) {
	const size = 6_000_000
	request := &pb.SimpleRequest{ResponseSize: size, Payload: &pb.Payload{Body: make([]byte, size)}}
	answer, err := client.UnaryCall(ctx, request)
	if err != nil || len(answer.GetPayload().GetBody()) != size {
		log.Fatalf("huge_unary: %d bytes, %v", len(answer.GetPayload().GetBody()), err)
	}
}
