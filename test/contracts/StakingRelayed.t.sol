// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IProvisions} from "../../contracts/interfaces/IProvisions.sol";
import {IServiceRegistry} from "../../contracts/interfaces/IServiceRegistry.sol";
import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {Fixture} from "./support/Fixture.sol";
import {TypedData} from "./support/TypedData.sol";

/// Every signed action of stake and services does what its signer would have done, whoever sends it, and once.
contract StakingRelayedTest is Fixture, TypedData {
    uint40 private constant IN_TIME = type(uint40).max;
    uint256 private nonce;
    uint32 private id;

    function setUp() public override {
        super.setUp();
        id = operatorWithStake(mallory, bob, mallory);
    }

    function test_createOperatorFor_makesTheSignerTheOwner() public {
        bytes32 typehash = keccak256(
            "CreateOperator(address node,address payee,address feeRegistry,uint256 nonce,uint40 deadline)"
        );
        bytes32 hash = keccak256(abi.encode(typehash, bob, carol, registry, nonce, IN_TIME));
        uint32 created = staking.createOperatorFor(
            alice,
            bob,
            carol,
            address(registry),
            IN_TIME,
            by(aliceKey, hash)
        );
        eq(staking.operator(created).owner, alice, "owner");
        eq(staking.operator(created).payee, carol, "payee");
    }

    function test_setFeeRegistryFor_setsIt() public {
        bytes32 typehash = keccak256(
            "SetFeeRegistry(uint32 id,address feeRegistry,uint256 nonce,uint40 deadline)"
        );
        bytes memory sig = by(malloryKey, keccak256(abi.encode(typehash, id, carol, nonce, IN_TIME)));
        staking.setFeeRegistryFor(id, carol, IN_TIME, sig);
        eq(staking.operator(id).feeRegistry, carol, "fee registry");
    }

    function test_stakeForAndThawFor_moveWhatWasSigned() public {
        bytes32 stakeType = keccak256(
            "Stake(uint32 id,uint32 service,uint128 amount,uint256 nonce,uint40 deadline)"
        );
        bytes memory sig = by(aliceKey, keccak256(abi.encode(stakeType, id, 1, 70, nonce, IN_TIME)));
        uint256 before = token.balanceOf(alice);
        staking.stakeFor(alice, id, 1, 70, IN_TIME, sig);
        eq(before - token.balanceOf(alice), 70, "the signer pays");

        bytes32 thawType = keccak256(
            "Thaw(uint32 id,uint32 service,uint128 amount,uint256 nonce,uint40 deadline)"
        );
        sig = by(malloryKey, keccak256(abi.encode(thawType, id, 1, 30, nonce, IN_TIME)));
        staking.thawFor(id, 1, 30, IN_TIME, sig);
        IProvisions.Provision memory p = staking.provision(id, 1);
        eq(p.tokens, 70, "tokens");
        eq(p.thawing, 30, "thawing");
    }

    function test_setTermsForAndSetAdjudicatorFor_setThem() public {
        bytes32 termsType = keccak256(
            "SetTerms(uint32 id,uint32 service,uint40 thawSeconds,uint16 rewardCut,uint256 nonce,uint40 deadline)"
        );
        bytes memory sig = by(malloryKey, keccak256(abi.encode(termsType, id, 1, 600, 100, nonce, IN_TIME)));
        staking.setTermsFor(id, 1, 600, 100, IN_TIME, sig);
        eq(staking.provision(id, 1).nextThawSeconds, 600, "thaw");
        eq(staking.provision(id, 1).nextRewardCut, 100, "cut");

        nonce = 1;
        bytes32 courtType = keccak256(
            "SetAdjudicator(uint32 id,uint32 service,address adjudicator,bool accepted,uint256 nonce,uint40 deadline)"
        );
        sig = by(malloryKey, keccak256(abi.encode(courtType, id, 1, carol, true, nonce, IN_TIME)));
        staking.setAdjudicatorFor(id, 1, carol, true, IN_TIME, sig);
        (, uint40 until) = staking.acceptance(id, 1, carol);
        eq(until, type(uint40).max, "accepted");
    }

    function test_delegateForAndUndelegateFor_moveWhatWasSigned() public {
        uint32 version = staking.provision(id, 0).version;
        bytes32 delegateType = keccak256(
            "Delegate(uint32 id,uint32 service,uint128 amount,uint32 version,uint256 nonce,uint40 deadline)"
        );
        bytes32 hash = keccak256(abi.encode(delegateType, id, 0, 50, version, nonce, IN_TIME));
        uint128 shares = staking.delegateFor(alice, id, 0, 50, version, IN_TIME, by(aliceKey, hash));
        eq(staking.delegation(id, 0, alice).shares, shares, "the signer's shares");

        nonce = 1;
        bytes32 undelegateType = keccak256(
            "Undelegate(uint32 id,uint32 service,uint128 shares,uint256 nonce,uint40 deadline)"
        );
        hash = keccak256(abi.encode(undelegateType, id, 0, shares / 2, nonce, IN_TIME));
        staking.undelegateFor(alice, id, 0, shares / 2, IN_TIME, by(aliceKey, hash));
        eq(staking.delegation(id, 0, alice).thawing, shares / 2, "thawing");
    }

    function test_announceForAndRetireFor_standForOwnerOrNode() public {
        string[] memory addrs = new string[](2);
        (addrs[0], addrs[1]) = ("/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.1/tcp/2/ws");
        IServiceRegistry.Record memory r = IServiceRegistry.Record(hex"0102", addrs, 15, 1984, 7);
        bytes memory sig = by("Teahouse ServiceRegistry", address(services), bobKey, announcement(r));

        IServiceRegistry.Record memory other = IServiceRegistry.Record(hex"0102", addrs, 15, 1984, 8);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        services.announceFor(bob, id, other, IN_TIME, sig);
        services.announceFor(bob, id, r, IN_TIME, sig);
        bytes32 record = keccak256(abi.encode(bob, r.peerId, addrs, 15, 1984, 7));
        eq(services.recordHash(id), record, "the node's record");
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        services.announceFor(bob, id, r, IN_TIME, sig); // again

        bytes32 typehash = keccak256("Retire(uint32 operatorId,uint256 nonce,uint40 deadline)");
        bytes32 hash = keccak256(abi.encode(typehash, id, 0, IN_TIME));
        sig = by("Teahouse ServiceRegistry", address(services), malloryKey, hash);
        services.retireFor(mallory, id, IN_TIME, sig);
        eq(services.recordHash(id), 0, "retired by the owner");
    }

    function test_retireFor_isTheSignersAndOnce() public {
        string[] memory addrs = new string[](1);
        addrs[0] = "/ip4/192.0.2.1/tcp/1";
        IServiceRegistry.Record memory r = IServiceRegistry.Record(hex"0102", addrs, 15, 1984, 7);
        vm.prank(bob);
        services.announce(id, r);
        bytes32 typehash = keccak256("Retire(uint32 operatorId,uint256 nonce,uint40 deadline)");
        bytes32 hash = keccak256(abi.encode(typehash, id, 0, IN_TIME));
        bytes memory forged = by("Teahouse ServiceRegistry", address(services), aliceKey, hash);
        bytes memory sig = by("Teahouse ServiceRegistry", address(services), malloryKey, hash);
        bytes memory refusal = abi.encodeWithSelector(ISigned.BadSignature.selector, mallory);
        vm.expectRevert(refusal);
        services.retireFor(mallory, id, IN_TIME, forged);
        services.retireFor(mallory, id, IN_TIME, sig);
        vm.prank(bob);
        services.announce(id, r);
        vm.expectRevert(refusal);
        services.retireFor(mallory, id, IN_TIME, sig); // again
    }

    function announcement(IServiceRegistry.Record memory r) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Announce(uint32 operatorId,bytes peerId,string[] multiaddrs,uint32 services,uint32 clusterId,uint128 priceHint,uint256 nonce,uint40 deadline)"
        );
        bytes32 addrs = keccak256(
            abi.encodePacked(keccak256(bytes(r.multiaddrs[0])), keccak256(bytes(r.multiaddrs[1])))
        );
        bytes memory head = abi.encode(typehash, id, keccak256(r.peerId), addrs, r.services);
        return keccak256(bytes.concat(head, abi.encode(r.clusterId, r.priceHint, nonce, IN_TIME)));
    }

    function by(uint256 key, bytes32 structHash) private view returns (bytes memory) {
        return by("Teahouse OperatorStaking", address(staking), key, structHash);
    }

    function by(
        string memory name,
        address verifying,
        uint256 key,
        bytes32 structHash
    ) private view returns (bytes memory) {
        bytes32 domain = domainOf(name, verifying);
        return signature(key, keccak256(abi.encodePacked("\x19\x01", domain, structHash)));
    }
}
