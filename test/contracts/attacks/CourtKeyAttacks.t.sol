// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {RetrievalCourt} from "../../../contracts/courts/RetrievalCourt.sol";
import {IAdjudicator as A} from "../../../contracts/interfaces/IAdjudicator.sol";
import {IArchiveCourt} from "../../../contracts/interfaces/IArchiveCourt.sol";
import {IRetrievalCourt as I} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "../support/CourtFixture.sol";

/// Keys that changed, and receipts shown again. Numbered like the list of attacks in docs/contracts.md.
contract CourtKeyAttacksTest is CourtFixture {
    // --- keys ---

    function test_rotatedKey_stillAnswersForWhatItSigned() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        skip(5);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        vm.prank(bob);
        court.challenge{value: 1 ether}(r, sig);
        toDraw();
        uint56 index = court.draw(r);
        answer(r, index);
        eq(carol.balance, 101 ether, "the node of today is paid");
    }

    function test_rotatedKey_signsNothingAfterItsTime() public {
        skip(5);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        I.Receipt memory r = receipt(); // from the second of the rotation
        bytes memory stolen = signed(r);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, node));
        court.challenge{value: 1 ether}(r, stolen);
        bytes memory good = signature(carolKey, court.receiptDigest(r));
        vm.prank(bob);
        court.challenge{value: 1 ether}(r, good);
    }

    function test_newKey_signsNothingBeforeItsTime() public {
        I.Receipt memory r = receipt();
        skip(5);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        bytes memory sig = signature(carolKey, court.receiptDigest(r));
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, carol));
        court.challenge{value: 1 ether}(r, sig);
    }

    function test_rotatedKey_speaksOfWholeHoursOnly() public {
        uint64 hour = toNextHour();
        skip(1_800);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        afterHour(hour);
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(hour, tens(1));
        IArchiveCourt.ArchiveRoot memory two = archiveRoot(hour, tens(2));
        bytes memory oneSig = signed(one);
        bytes memory twoSig = signature(carolKey, archive.rootDigest(two));
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, node));
        archive.convictEquivocation(one, oneSig, two, twoSig, mallory);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, carol));
        archive.convictEquivocation(two, twoSig, one, oneSig, mallory);

        (one, two) = (archiveRoot(hour - 1, tens(1)), archiveRoot(hour - 1, tens(2)));
        (oneSig, twoSig) = (signed(one), signed(two));
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, node)); // named within that hour
        archive.convictEquivocation(one, oneSig, two, twoSig, mallory);
    }

    function test_foreignOperator_isNotLiableForAKeyThatAStrangerNames() public {
        uint32 strangers = provisioned(mallory, node, STAKE); // names alice's node key
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        r.operator = strangers; // what the node signed names alice's operator
        vm.prank(bob);
        vm.expectPartialRevert(A.NotItsKey.selector);
        court.challenge{value: 1 ether}(r, sig);
        eq(staking.operatorOf(node), id, "and the node still works for alice");
    }

    // --- receipts replayed ---

    function test_replay_onAnotherChainCourtOrOperator() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        RetrievalCourt twin = new RetrievalCourt(staking, courtParams());
        vm.prank(alice);
        staking.setAdjudicator(id, SERVICE, address(twin), true);
        vm.prank(bob);
        vm.expectPartialRevert(A.NotItsKey.selector);
        twin.challenge{value: 1 ether}(r, sig);
        vm.chainId(block.chainid + 1);
        vm.prank(bob);
        vm.expectPartialRevert(A.NotItsKey.selector);
        court.challenge{value: 1 ether}(r, sig);
    }

    function test_replay_ofASlashedReceipt() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        bytes32 rid = court.receiptId(r);
        challengeInVain(r);
        court.convict(r);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Convicted));
        court.challenge{value: 1 ether}(r, sig);
        I.Receipt memory twin = receipt();
        twin.until = r.until;
        bytes memory twinSig = signed(twin);
        vm.expectRevert(abi.encodeWithSelector(A.AlreadyConvicted.selector, rid));
        court.convictPledgedTwice(twin, twinSig, r, sig, mallory);
        eq(staking.provision(id, SERVICE).tokens, STAKE - LIABILITY, "slashed once");
    }
}
