// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IArchiveCourt} from "../../contracts/interfaces/IArchiveCourt.sol";
import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {IMembershipRegistry} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {IRedEnvelope} from "../../contracts/interfaces/IRedEnvelope.sol";
import {IRetrievalCourt} from "../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "./support/CourtFixture.sol";
import {DealFixture} from "./support/DealFixture.sol";
import {EnvelopeFixture} from "./support/EnvelopeFixture.sol";
import {TypedData} from "./support/TypedData.sol";

/// The exact bytes that people sign, by EIP-712 and without the code under test: what asks a contract for the digest and signs
/// that would pass with any. Vouchers and allocations: PaymentChannelsEdges; actions of operators: StakingRelayed.
abstract contract Digests is TypedData {
    function typed(bytes32 domain, bytes memory encoded) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(encoded)));
    }

    function typeOf(string memory text) internal pure returns (bytes32) {
        return keccak256(bytes(text));
    }
}

contract DealDigestsTest is DealFixture, Digests {
    bytes32 private constant DEAL = keccak256("deal");
    bytes private constant TERMS =
        "Terms(address payer,address payee,address arbiter,address evaluator,uint128 amount,uint128 collateral,uint128 arbiterFee,uint128 bond,uint40 deliverBy,uint40 disputeWindow,uint40 rulingWindow,uint16 defaultToPayee,address appFeeRecipient,uint16 appFeeBps,bytes32 details)";
    bytes32 private domain;

    function setUp() public override {
        super.setUp();
        domain = domainOf("Teahouse Escrow", address(escrow));
    }

    function test_funding() public view {
        IEscrow.Terms memory t = terms();
        bytes32 structHash = keccak256(abi.encode(keccak256(TERMS), t));
        bytes32 typehash = keccak256(bytes.concat("Funding(Terms terms,uint40 deadline)", TERMS));
        eq(escrow.fundingDigest(t, 9), typed(domain, abi.encode(typehash, structHash, 9)), "funding");
    }

    function test_acts() public view {
        plain(IEscrow.Act.Acceptance, "Acceptance(bytes32 deal,uint40 deadline)");
        plain(IEscrow.Act.Release, "Release(bytes32 deal,uint40 deadline)");
        plain(IEscrow.Act.Refund, "Refund(bytes32 deal,uint40 deadline)");
        plain(IEscrow.Act.Answer, "Answer(bytes32 deal,uint40 deadline)");
        valued(IEscrow.Act.PartRelease, "PartRelease(bytes32 deal,uint128 total,uint40 deadline)");
        valued(IEscrow.Act.Dispute, "Dispute(bytes32 deal,address advancer,uint40 deadline)");
        valued(IEscrow.Act.Ruling, "Ruling(bytes32 deal,uint128 payeeAmount,uint40 deadline)");
        valued(IEscrow.Act.Settlement, "Settlement(bytes32 deal,uint128 payeeAmount,uint40 deadline)");
    }

    function plain(IEscrow.Act act, string memory text) private view {
        bytes32 expected = typed(domain, abi.encode(typeOf(text), DEAL, 9));
        eq(escrow.actDigest(act, DEAL, 0, 9), expected, text);
        eq(escrow.actDigest(act, DEAL, 7, 9), expected, "whatever the value");
    }

    function valued(IEscrow.Act act, string memory text) private view {
        eq(escrow.actDigest(act, DEAL, 7, 9), typed(domain, abi.encode(typeOf(text), DEAL, 7, 9)), text);
    }
}

contract CourtDigestsTest is CourtFixture, Digests {
    function test_receipt() public view {
        IRetrievalCourt.Receipt memory r = receipt();
        bytes memory encoded = abi.encode(
            typeOf(
                "Receipt(uint32 operator,address client,bytes32 root,uint64 size,uint40 from,uint40 until,uint128 liability,uint32 slot)"
            ),
            r
        );
        eq(court.receiptId(r), keccak256(encoded), "id");
        bytes32 domain = domainOf("Teahouse RetrievalCourt", address(court));
        eq(court.receiptDigest(r), typed(domain, encoded), "receipt");
    }

    function test_archive() public view {
        bytes32 domain = domainOf("Teahouse ArchiveCourt", address(archive));
        IArchiveCourt.ArchiveRoot memory r = archiveRoot(7, tens(5));
        bytes32 typehash = typeOf(
            "ArchiveRoot(uint32 operator,uint16 cluster,uint16 shard,uint64 hour,uint32 count,bytes32 root,uint128 liability)"
        );
        eq(archive.rootDigest(r), typed(domain, abi.encode(typehash, r)), "root");
        IArchiveCourt.MessageReceipt memory m = messageReceipt(7, keccak256("message"));
        typehash = typeOf(
            "MessageReceipt(uint32 operator,address client,uint16 cluster,uint16 shard,uint64 hour,bytes32 messageHash,uint128 liability)"
        );
        eq(archive.messageReceiptDigest(m), typed(domain, abi.encode(typehash, m)), "receipt");
    }
}

contract MoneyDigestsTest is EnvelopeFixture, Digests {
    function test_memberships() public view {
        bytes32 domain = domainOf("Teahouse MembershipRegistry", address(registry));
        IMembershipRegistry.Registration memory r = IMembershipRegistry.Registration(1, 2, bob, 3);
        bytes32 typehash = typeOf(
            "Register(uint256 idCommitment,uint16 rateLimit,address holder,uint32 home,uint256 maxPrice,address payer,uint40 deadline)"
        );
        bytes32 expected = typed(domain, abi.encode(typehash, 1, 2, bob, 3, 4, alice, 5));
        eq(registry.registerDigest(r, 4, alice, 5), expected, "register");
        typehash = typeOf(
            "Renew(uint256 idCommitment,address holder,uint40 expiry,uint256 maxPrice,address payer,uint40 deadline)"
        );
        expected = typed(domain, abi.encode(typehash, 1, bob, 2, 3, alice, 4));
        eq(registry.renewDigest(1, bob, 2, 3, alice, 4), expected, "renew");
        typehash = typeOf("Exit(uint256 idCommitment,address holder,uint16 nonce,uint40 deadline)");
        eq(registry.exitDigest(1, bob, 2, 3), typed(domain, abi.encode(typehash, 1, bob, 2, 3)), "exit");
        typehash = typeOf(
            "SetHome(uint256 idCommitment,address holder,uint32 home,uint16 nonce,uint40 deadline)"
        );
        expected = typed(domain, abi.encode(typehash, 1, bob, 2, 3, 4));
        eq(registry.setHomeDigest(1, bob, 2, 3, 4), expected, "set home");
    }

    function test_envelopes() public view {
        bytes32 domain = domainOf("Teahouse RedEnvelope", address(envelopes));
        IRedEnvelope.Terms memory t = IRedEnvelope.Terms(alice, 1, 2, 3, true, "root", keccak256("salt"));
        bytes memory type_ =
            "Terms(address creator,uint128 amount,uint16 shares,uint40 expiry,bool gated,bytes32 root,bytes32 salt)";
        bytes memory encoded = abi.encode(keccak256(type_), t);
        eq(envelopes.envelopeId(t), typed(domain, encoded), "id");
        bytes32 typehash = keccak256(bytes.concat("Create(Terms terms,uint40 deadline)", type_));
        bytes32 expected = typed(domain, abi.encode(typehash, keccak256(encoded), 9));
        eq(envelopes.createDigest(t, 9), expected, "create");
        typehash = typeOf("Claim(bytes32 envelope,address recipient)");
        bytes32 id = keccak256("envelope");
        eq(envelopes.claimDigest(id, bob), typed(domain, abi.encode(typehash, id, bob)), "claim");
    }
}
